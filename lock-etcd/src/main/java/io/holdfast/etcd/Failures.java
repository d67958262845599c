// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.common.exception.EtcdException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import java.net.ConnectException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * gRPC's and jetcd's exceptions in ours (rules UO-1, ER-1, ER-2).
 *
 * <p>What etcd refuses before it proposes it, and what never got a connection, did surely nothing. A connection that broke, an
 * answer that did not come, a leader that changed meanwhile leave it open. The originals are not attached.
 */
final class Failures {
    private static final String LEASE_GONE = "requested lease not found";

    /** gRPC's words for a call that is still without a connection. */
    private static final String NOT_CONNECTED = "waiting_for_connection";

    private final String store;

    /**
     * Failures of one store.
     *
     * @param store its address without secrets
     */
    Failures(String store) {
        this.store = store;
    }

    /**
     * Tells what a failed request means.
     *
     * @param failure what jetcd threw
     * @param what what was asked, such as "contend"
     * @return one of ours
     */
    LockException of(@Nullable Throwable failure, String what) {
        Throwable cause = unwrap(failure);
        if (cause instanceof LockException ours) {
            return ours;
        }
        String start = "store " + store + ", " + what + ": ";
        if (cause instanceof RejectedExecutionException || cause instanceof IllegalStateException) {
            return new LockUnavailableException(start + "the jetcd client has been closed");
        }
        Status status = status(cause);
        String said = said(status);
        return switch (status.getCode()) {
            case PERMISSION_DENIED -> denied(start, said);
            case UNAUTHENTICATED -> unauthenticated(start, status, said);
            case INVALID_ARGUMENT, FAILED_PRECONDITION -> isDenial(said) ? denied(start, said) : refused(start, said);
            case NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED, OUT_OF_RANGE -> refused(start, said);
            default ->
                wasNeverSent(cause, status)
                        ? new LockUnavailableException(start + "no connection (" + reason(cause, said)
                                + "); check that it runs and is reachable")
                        : unanswered(what, said);
        };
    }

    private static LockException denied(String start, String said) {
        return new LockDeniedException(start + "refused (" + said
                + "); check user and password, and the role that docs/backends/etcd.md describes");
    }

    private static LockException refused(String start, String said) {
        String advice = said.contains("space exceeded")
                ? "; compact and defragment it, then disarm the alarm"
                : "; etcd did nothing of it";
        return new LockUnavailableException(start + "etcd does not serve it now (" + said + ")" + advice);
    }

    /** jetcd calls every failure to log in unauthenticated, the missing connection too. */
    private static LockException unauthenticated(String start, Status status, String said) {
        Throwable why = status.getCause();
        if (why != null) {
            Status inner = status(why);
            boolean network =
                    switch (inner.getCode()) {
                        case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, INTERNAL, UNKNOWN -> true;
                        default -> false;
                    };
            return network
                    ? new LockUnavailableException(start + "could not log in (" + reason(why, said(inner)) + ")")
                    : denied(start, said(inner));
        }
        return denied(start, said);
    }

    /** Opening changes nothing that outlives a lease, so there is no unknown outcome. */
    LockException atOpen(@Nullable Throwable failure) {
        LockException known = of(failure, "open");
        return known instanceof LockOutcomeUnknownException
                ? new LockUnavailableException(known.getMessage() + "; check that etcd runs and is reachable")
                : known;
    }

    /** The outcome of a request that may have been carried out. */
    LockException unanswered(String what, String why) {
        return new LockOutcomeUnknownException("store " + store + ", " + what + ": no answer (" + why + ")");
    }

    /** The session's lease is not there: nothing was done, and nothing can be done in this session any more. */
    LockException sessionGone(String what) {
        return new LockUnavailableException("store " + store + ", " + what + ": the session's lease has ended in etcd");
    }

    /** Whether it is etcd saying that the lease of a request is not there. */
    static boolean isLeaseGone(@Nullable Throwable failure) {
        Throwable cause = unwrap(failure);
        return cause != null && said(status(cause)).contains(LEASE_GONE);
    }

    private static boolean isDenial(String said) {
        return (said.contains("auth") && !said.contains("auth store is old"))
                || said.contains("user name")
                || said.contains("permission denied");
    }

    private static boolean wasNeverSent(@Nullable Throwable cause, Status status) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof ConnectException) {
                return true;
            }
        }
        String said = said(status);
        return status.getCode() == Status.Code.DEADLINE_EXCEEDED
                && said.contains(NOT_CONNECTED)
                && !said.contains("remote_addr");
    }

    private static Status status(@Nullable Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof StatusRuntimeException known) {
                return known.getStatus();
            }
            if (t instanceof StatusException known) {
                return known.getStatus();
            }
            if (t instanceof EtcdException known && (known.getCause() == null || known.getCause() == known)) {
                return code(known).withDescription(known.getMessage());
            }
        }
        return Status.UNKNOWN.withDescription(name(cause));
    }

    /** jetcd's codes are gRPC's, under the same names. */
    private static Status code(EtcdException known) {
        for (Status.Code code : Status.Code.values()) {
            if (code.name().equals(known.getErrorCode().name())) {
                return code.toStatus();
            }
        }
        return Status.UNKNOWN;
    }

    private static String said(Status status) {
        String text = status.getDescription();
        if (text == null) {
            return status.getCode().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    /** Why there is no connection, as the JDK says it. */
    private static String reason(@Nullable Throwable cause, String otherwise) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof java.io.IOException && t.getMessage() != null) {
                return t.getMessage();
            }
        }
        return otherwise;
    }

    private static String name(@Nullable Throwable cause) {
        if (cause == null) {
            return "no reason given";
        }
        String simple = cause.getClass().getSimpleName().replaceFirst("Exception$", "");
        return simple.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    static @Nullable Throwable unwrap(@Nullable Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
