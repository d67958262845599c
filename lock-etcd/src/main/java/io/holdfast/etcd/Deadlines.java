// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Gives every call a deadline but those that are meant to stay open: jetcd gives none, and a call without one waits for ever on a
 * connection that is cut off.
 */
final class Deadlines implements ClientInterceptor {
    /** gRPC's time is shorter than ours, because it knows more about what went wrong. */
    private static final long SHARE_OF_TEN = 9;

    private static final String KEEP_ALIVE = "etcdserverpb.Lease/LeaseKeepAlive";

    /** What goes out while the connection may still have to be made, and what jetcd sends by itself. */
    private static final Set<String> OPENING =
            Set.of("etcdserverpb.Auth/Authenticate", "etcdserverpb.Maintenance/Status");

    /** How long the call may take that is begun here. */
    private static final Context.Key<Long> LIMIT = Context.key("holdfast-etcd-limit");

    private final long opening;
    private final long others;

    Deadlines(Duration oneTry, Duration operationTimeout) {
        this.opening = share(oneTry);
        this.others = share(operationTimeout);
    }

    private static long share(Duration timeout) {
        return share(timeout.toNanos());
    }

    private static long share(long nanos) {
        return Math.max(1_000_000L, nanos / 10 * SHARE_OF_TEN);
    }

    /** A request whose call, begun on the thread that asks for it, has a deadline that fits its own limit. */
    static <R> Supplier<R> within(long nanos, Supplier<R> request) {
        return () -> {
            Context limited = Context.current().withValue(LIMIT, share(nanos));
            Context before = limited.attach();
            try {
                return Borrowed.thread(request);
            } finally {
                limited.detach(before);
            }
        };
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        // We keep alive once a call: that is a stream only in form.
        String name = method.getFullMethodName();
        boolean ends = method.getType() == MethodType.UNARY || name.equals(KEEP_ALIVE);
        if (!ends || options.getDeadline() != null) {
            return next.newCall(method, options);
        }
        Long limit = LIMIT.get();
        long nanos = OPENING.contains(name) ? opening : limit == null ? others : limit;
        return next.newCall(method, options.withDeadlineAfter(nanos, TimeUnit.NANOSECONDS));
    }
}
