// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Cluster;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Maintenance;
import io.etcd.jetcd.cluster.MemberListResponse;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.maintenance.AlarmResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.holdfast.spi.LockRuntime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sends requests, each as {@link Asking} does. Thread-safe; never blocks.
 *
 * <p>jetcd sends a transaction once: again only when etcd refused its login token, before it was looked at. Reads, a lease's grant
 * and its end may go out again, which changes nothing.
 */
final class Requests {
    private final KV kv;
    private final Lease lease;
    private final Maintenance maintenance;
    private final Cluster cluster;
    private final Failures failures;
    private final long timeoutNanos;

    Requests(Client client, Failures failures, Duration timeout) {
        this.kv = client.getKVClient();
        this.lease = client.getLeaseClient();
        this.maintenance = client.getMaintenanceClient();
        this.cluster = client.getClusterClient();
        this.failures = failures;
        this.timeoutNanos = timeout.toNanos();
    }

    /**
     * A transaction.
     *
     * @param what for people, such as "contend"
     * @param conditions all must hold
     * @param then what is done when they do
     * @param otherwise what is done when they do not
     */
    record Transaction(String what, List<Cmp> conditions, List<Op> then, List<Op> otherwise) {}

    CompletableFuture<TxnResponse> send(Transaction t, LockRuntime runtime) {
        return limited(
                () -> kv.txn()
                        .If(t.conditions().toArray(Cmp[]::new))
                        .Then(t.then().toArray(Op[]::new))
                        .Else(t.otherwise().toArray(Op[]::new))
                        .commit(),
                t.what(),
                runtime);
    }

    CompletableFuture<GetResponse> get(ByteSequence key, GetOption option, LockRuntime runtime) {
        return limited(() -> kv.get(key, option), "read", runtime);
    }

    CompletableFuture<LeaseGrantResponse> grant(long seconds, LockRuntime runtime) {
        return limited(() -> lease.grant(seconds), "open a session", runtime);
    }

    /** Fails when the lease has ended; {@link Failures#isLeaseGone} tells. */
    CompletableFuture<LeaseKeepAliveResponse> keepAlive(long id, LockRuntime runtime) {
        return limited(() -> lease.keepAliveOnce(id), "renew", runtime);
    }

    /** Which alarms are on; a user without the root role may not ask. */
    CompletableFuture<AlarmResponse> alarms(LockRuntime runtime) {
        return limited(maintenance::listAlarms, "list alarms", runtime);
    }

    CompletableFuture<MemberListResponse> members(LockRuntime runtime) {
        return limited(cluster::listMember, "list members", runtime);
    }

    CompletableFuture<?> revoke(long id, LockRuntime runtime) {
        return limited(() -> lease.revoke(id), "close the session", runtime);
    }

    private <R> CompletableFuture<R> limited(Supplier<CompletableFuture<R>> request, String what, LockRuntime runtime) {
        return new Asking<>(Deadlines.within(timeoutNanos, request), what, failures, runtime).begin(timeoutNanos);
    }

    // ---- what transactions are made of

    static Cmp exists(ByteSequence key) {
        return new Cmp(key, Cmp.Op.GREATER, CmpTarget.createRevision(0));
    }

    static Cmp createdAt(ByteSequence key, long revision) {
        return new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(revision));
    }

    static Cmp changedAt(ByteSequence key, long revision) {
        return new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(revision));
    }

    static Op look(ByteSequence key) {
        return Op.get(key, GetOption.builder().withKeysOnly(true).build());
    }

    static Op delete(ByteSequence key) {
        return Op.delete(key, DeleteOption.DEFAULT);
    }

    /** The newest contenders of a line that are not younger than a revision; all of them for 0. */
    static Op newest(ByteSequence line, long notAfter, int atMost) {
        GetOption.Builder option = GetOption.builder()
                .isPrefix(true)
                .withKeysOnly(true)
                .withSortField(GetOption.SortTarget.CREATE)
                .withSortOrder(GetOption.SortOrder.DESCEND)
                .withLimit(atMost);
        if (notAfter > 0) {
            option.withMaxCreateRevision(notAfter);
        }
        return Op.get(line, option.build());
    }
}
