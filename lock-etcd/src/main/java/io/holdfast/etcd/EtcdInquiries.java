// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.GetOption.SortOrder;
import io.etcd.jetcd.options.GetOption.SortTarget;
import io.etcd.jetcd.options.OptionsUtil;
import io.holdfast.ForceOutcome;
import io.holdfast.etcd.Requests.Transaction;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.StoredLock;
import io.holdfast.spi.line.Inquiries;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What people ask of the store. The holder of a name is the contender created first, whoever made it, {@code etcdctl} too. */
final class EtcdInquiries implements Inquiries {
    private static final long KEYS_A_PAGE = 500;
    private static final int ATTEMPTS = 8;

    private final Requests requests;
    private final Failures failures;
    private final LockKeys keys;

    EtcdInquiries(Requests requests, Failures failures, LockKeys keys) {
        this.requests = requests;
        this.failures = failures;
        this.keys = keys;
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name, LockRuntime runtime) {
        return first(name, runtime).thenApply(read -> {
            List<KeyValue> first = read.getKvs();
            return first.isEmpty() ? StoredLock.free(name, 0) : new Seen(first.get(0), read.getCount()).as(name);
        });
    }

    private CompletableFuture<GetResponse> first(String name, LockRuntime runtime) {
        GetOption option = GetOption.builder()
                .isPrefix(true)
                .withSortField(SortTarget.CREATE)
                .withSortOrder(SortOrder.ASCEND)
                .withLimit(1)
                .build();
        return requests.get(LockKeys.bytes(keys.line(name)), option, runtime);
    }

    /**
     * A line as far as it was read.
     *
     * @param first the contender created first
     * @param contenders how many there are
     */
    private record Seen(KeyValue first, long contenders) {
        Seen and(KeyValue other) {
            boolean earlier = other.getCreateRevision() < first.getCreateRevision();
            return new Seen(earlier ? other : first, contenders + 1);
        }

        /** Its value is since when it contends, by its client's clock, and who it is; a stranger's is not. */
        StoredLock as(String name) {
            String value = LockKeys.text(first.getValue());
            int space = value.indexOf(' ');
            boolean ours = space > 0 && space < 19 && value.substring(0, space).matches("[0-9]+");
            return new StoredLock(
                    name,
                    first.getCreateRevision(),
                    ours ? value.substring(space + 1) : "lease " + Long.toHexString(first.getLease()),
                    ours ? Long.parseLong(value.substring(0, space)) : 0,
                    Math.toIntExact(contenders));
        }
    }

    /** Page by page: a name that changes meanwhile may show as it was before or after. */
    @Override
    public CompletionStage<List<StoredLock>> list(LockRuntime runtime) {
        return page(LockKeys.bytes(keys.everything()), KEYS_A_PAGE, new LinkedHashMap<>(), runtime);
    }

    /**
     * A page, and those after it. What others put there may be large: a page that is larger than an answer may be is read as several, down
     * to one key, which is smaller (a request to etcd has at most 1.5 MiB by default, an answer to us 4 MiB).
     */
    private CompletionStage<List<StoredLock>> page(
            ByteSequence from, long size, Map<String, Seen> found, LockRuntime runtime) {
        return read(from, size, runtime)
                .handle((read, failure) -> {
                    if (failure == null) {
                        return taken(read, found, runtime);
                    }
                    return size > 1 && Failures.isTooLarge(failure)
                            ? page(from, Math.max(1, size / 8), found, runtime)
                            : CompletableFuture.<List<StoredLock>>failedFuture(failure);
                })
                .thenCompose(stage -> stage);
    }

    private CompletableFuture<GetResponse> read(ByteSequence from, long size, LockRuntime runtime) {
        GetOption option = GetOption.builder()
                .withRange(OptionsUtil.prefixEndOf(LockKeys.bytes(keys.everything())))
                .withLimit(size)
                .build();
        return requests.get(from, option, runtime);
    }

    private CompletionStage<List<StoredLock>> taken(GetResponse read, Map<String, Seen> found, LockRuntime runtime) {
        for (KeyValue kv : read.getKvs()) {
            keys.nameOf(LockKeys.text(kv.getKey()))
                    .ifPresent(name -> found.merge(name, new Seen(kv, 1), (known, more) -> known.and(kv)));
        }
        if (read.isMore()) {
            ByteSequence last = read.getKvs().get(read.getKvs().size() - 1).getKey();
            return page(last.concat(ByteSequence.from(new byte[1])), KEYS_A_PAGE, found, runtime);
        }
        List<StoredLock> all = new ArrayList<>(found.size());
        found.forEach((name, seen) -> all.add(seen.as(name)));
        return CompletableFuture.completedFuture(all);
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong token, LockRuntime runtime) {
        return forceRelease(name, token, runtime, ATTEMPTS);
    }

    private CompletionStage<ForceOutcome> forceRelease(
            String name, OptionalLong token, LockRuntime runtime, int attempts) {
        return first(name, runtime).thenCompose(read -> {
            if (read.getKvs().isEmpty()) {
                return CompletableFuture.completedFuture(ForceOutcome.NOT_HELD);
            }
            KeyValue holder = read.getKvs().get(0);
            long held = holder.getCreateRevision();
            if (token.isPresent() && token.getAsLong() != held) {
                return CompletableFuture.completedFuture(ForceOutcome.MOVED_ON);
            }
            return delete(holder, runtime).thenCompose(deleted -> {
                if (deleted) {
                    return CompletableFuture.completedFuture(ForceOutcome.RELEASED);
                }
                if (token.isPresent()) { // released, and perhaps held by another by now
                    return CompletableFuture.completedFuture(ForceOutcome.MOVED_ON);
                }
                return attempts > 1
                        ? forceRelease(name, token, runtime, attempts - 1)
                        : CompletableFuture.failedFuture(
                                failures.unanswered("force a release", "the holders change faster than they are read"));
            });
        });
    }

    private CompletableFuture<Boolean> delete(KeyValue holder, LockRuntime runtime) {
        return requests.send(
                        new Transaction(
                                "force a release",
                                List.of(Requests.createdAt(holder.getKey(), holder.getCreateRevision())),
                                List.of(Requests.delete(holder.getKey())),
                                List.of()),
                        runtime)
                .thenApply(TxnResponse::isSucceeded);
    }
}
