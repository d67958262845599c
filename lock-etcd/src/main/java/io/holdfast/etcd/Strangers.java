// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.spi.LockRuntime;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/** Keys under the prefix that are none of ours, nor of {@code etcdctl lock}: they hide no lock and stop none, and cost room and time. */
final class Strangers {
    private static final String SUBJECT = "entries of others";
    private static final long MOST = 5000;

    /** The end of a contender's key, ours or that of etcdctl, and of a session's. */
    private static final Pattern OURS = Pattern.compile("[0-9a-f]{1,16}(-[0-9]{1,9})?");

    private final Requests requests;
    private final LockKeys keys;

    Strangers(Requests requests, LockKeys keys) {
        this.requests = requests;
        this.keys = keys;
    }

    CompletionStage<StoreFinding> finding(LockRuntime runtime) {
        return look(MOST, runtime)
                .handle((read, failure) -> failure == null
                        ? found(read)
                        : new StoreFinding(
                                Verdict.UNKNOWN,
                                SUBJECT,
                                "the keys under " + keys.everything() + " could not be read",
                                "ask again when the store answers"));
    }

    /** Keys alone, the first so many; fewer where others have keys as large as that. */
    private CompletableFuture<GetResponse> look(long most, LockRuntime runtime) {
        GetOption option = GetOption.builder()
                .isPrefix(true)
                .withKeysOnly(true)
                .withLimit(most)
                .build();
        return requests.get(LockKeys.bytes(keys.everything()), option, runtime)
                .handle((read, failure) -> failure != null && most > 1 && Failures.isTooLarge(failure)
                        ? look(Math.max(1, most / 8), runtime)
                        : failure == null
                                ? CompletableFuture.completedFuture(read)
                                : CompletableFuture.<GetResponse>failedFuture(failure))
                .thenCompose(stage -> stage);
    }

    private StoreFinding found(GetResponse read) {
        List<String> foreign = read.getKvs().stream()
                .map(KeyValue::getKey)
                .map(LockKeys::text)
                .filter(key -> !isOurs(key))
                .toList();
        String of = " of " + read.getKvs().size() + " keys";
        return foreign.isEmpty()
                ? StoreFinding.ok(SUBJECT, "none" + of)
                : new StoreFinding(
                        Verdict.WARNING,
                        SUBJECT,
                        foreign.size() + of + " under " + keys.everything() + " are not of locks",
                        "give locks a 'prefix' of their own, or take the others away (etcdctl get --prefix --keys-only)");
    }

    private boolean isOurs(String key) {
        int slash = key.lastIndexOf('/');
        boolean place = keys.nameOf(key).isPresent() || key.startsWith(keys.sessions());
        return place && OURS.matcher(key.substring(slash + 1)).matches();
    }
}
