// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.grpc.Status;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * What a request that failed has done to etcd (rule UO-7). The table here is the one on docs/backends/etcd.md; what it does not name is
 * {@link #OPEN}.
 *
 * <p>An error answer is not "nothing was done": at its quota etcd carries a transaction out, and then says that there is no space.
 */
enum Effect {
    /** Surely nothing, now and later. */
    NONE,
    /** Carried out or not, and that is settled: etcd has looked at it and answered, so no copy of it is under way. */
    SETTLED,
    /** Carried out, or not, or not yet. */
    OPEN;

    /** What gRPC says of a call that is still without a connection, and of one that got one. */
    private static final String NOT_CONNECTED = "waiting_for_connection";

    private static final String CONNECTED = "remote_addr";

    /**
     * An answer.
     *
     * @param code gRPC's
     * @param words part of its text; empty for any
     * @param effect what it says
     * @param elsewhere whether another member may take what this one did not look at
     * @param copies whether a copy of the request may still be carried out, by another member or a moment later
     */
    record Answer(Status.Code code, String words, Effect effect, boolean elsewhere, boolean copies) {
        boolean is(Status status) {
            return status.getCode() == code && Failures.said(status).contains(words);
        }
    }

    /** By the sources of 3.4.23 and 3.5.16. The first that fits counts. */
    static final List<Answer> TABLE = List.of(
            // Looked at before anything is proposed, or as the transaction's turn comes and before its first part.
            none(Status.Code.PERMISSION_DENIED, ""),
            none(Status.Code.UNAUTHENTICATED, ""),
            none(Status.Code.INVALID_ARGUMENT, "etcdserver: "),
            none(Status.Code.FAILED_PRECONDITION, "etcdserver: "),
            none(Status.Code.OUT_OF_RANGE, "etcdserver: "),
            none(Status.Code.NOT_FOUND, "etcdserver: requested lease not found"),
            forNow(Status.Code.RESOURCE_EXHAUSTED, "etcdserver: too many requests", false),
            none(Status.Code.UNIMPLEMENTED, ""),
            // Before the alarm is on it was carried out, afterwards it was not: the words are the same.
            new Answer(Status.Code.RESOURCE_EXHAUSTED, "database space exceeded", SETTLED, false, false),
            // Said by the member's door, before the request comes in.
            forNow(Status.Code.UNAVAILABLE, "etcdserver: no leader", true),
            forNow(Status.Code.UNAVAILABLE, "etcdserver: rpc not supported for learner", true),
            forNow(Status.Code.UNAVAILABLE, "etcdserver: not capable", false));

    private static Answer none(Status.Code code, String words) {
        return new Answer(code, words, NONE, false, false);
    }

    private static Answer forNow(Status.Code code, String words, boolean elsewhere) {
        return new Answer(code, words, NONE, elsewhere, true);
    }

    static Effect of(@Nullable Throwable any) {
        Throwable failure = Failures.unwrap(any);
        if (failure instanceof LockException ours) { // it has been looked at before
            return ours instanceof LockOutcomeUnknownException ? OPEN : NONE;
        }
        if (wasNeverSent(failure)) {
            return NONE;
        }
        Status status = Failures.status(failure);
        return TABLE.stream()
                .filter(answer -> answer.is(status))
                .map(Answer::effect)
                .findFirst()
                .orElse(OPEN);
    }

    /**
     * What is to be thought of all copies of a request that failed: an answer is the answer to one of them. Where somebody on the way
     * sends a request to two members, the one that does not serve it now may be the faster one (rule UO-4).
     */
    static Effect ofCopies(@Nullable Throwable failure) {
        Throwable cause = Failures.unwrap(failure);
        String said = cause == null ? "" : String.valueOf(cause.getMessage()); // ours has etcd's words, too
        boolean copies = TABLE.stream().anyMatch(answer -> answer.copies() && said.contains(answer.words()));
        return copies && of(failure) == NONE ? OPEN : of(failure);
    }

    /** As docs/backends/etcd.md says it. */
    static String shown(Effect effect) {
        return switch (effect) {
            case NONE -> "nothing";
            case SETTLED -> "it, or nothing";
            case OPEN -> "unknown";
        };
    }

    /** Whether another member may take at once what this one did not look at. */
    static boolean isElsewhere(@Nullable Throwable failure) {
        // jetcd logs in first, and tells what became of that as the cause.
        for (Throwable t = failure; t != null; t = t.getCause()) {
            Status status = Failures.status(t);
            if (TABLE.stream().anyMatch(answer -> answer.elsewhere() && answer.is(status))) {
                return true;
            }
        }
        return false;
    }

    /** A connection that was never there carried nothing. */
    private static boolean wasNeverSent(@Nullable Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            // A server that ends the handshake has read no request.
            if (t instanceof ConnectException
                    || t instanceof UnknownHostException
                    || t instanceof SSLHandshakeException) {
                return true;
            }
        }
        Status status = Failures.status(failure);
        String said = Failures.said(status);
        return status.getCode() == Status.Code.DEADLINE_EXCEEDED
                && said.contains(NOT_CONNECTED)
                && !said.contains(CONNECTED);
    }
}
