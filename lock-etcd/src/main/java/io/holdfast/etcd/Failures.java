// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.common.exception.EtcdException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.TlsSettings;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * gRPC's and jetcd's exceptions in ours (rules UO-1, ER-1, ER-2).
 *
 * <p>What a failed request has done is {@link Effect}'s to say: nothing is {@code LockUnavailableException}, anything else {@code
 * LockOutcomeUnknownException}. The originals are not attached.
 */
final class Failures {
    private static final String LEASE_GONE = "requested lease not found";

    private static final String TOO_LARGE = "exceeds maximum size";

    private static final String CLOSED = "the jetcd client has been closed";

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
            return new LockUnavailableException(start + CLOSED);
        }
        Status status = status(cause);
        String said = said(status);
        return switch (status.getCode()) {
            case PERMISSION_DENIED -> denied(start, said);
            case UNAUTHENTICATED -> unauthenticated(start, status, said);
            case INVALID_ARGUMENT, FAILED_PRECONDITION ->
                isDenial(said) ? denied(start, said) : other(cause, status, start, what);
            default -> other(cause, status, start, what);
        };
    }

    private LockException other(@Nullable Throwable cause, Status status, String start, String what) {
        String said = said(status);
        return switch (Effect.of(cause)) {
            case NONE -> new LockUnavailableException(start + nothingDone(cause, status, said), refused(cause));
            case SETTLED ->
                new LockOutcomeUnknownException(
                        start + "etcd has no space (" + said
                                + "), and may have carried it out all the same; compact and defragment it, then disarm the alarm");
            case OPEN -> unanswered(what, said);
        };
    }

    private static String nothingDone(@Nullable Throwable cause, Status status, String said) {
        boolean fromEtcd = said.startsWith("etcdserver: ");
        if (fromEtcd || status.getCode() == Status.Code.UNIMPLEMENTED) {
            return "etcd does not serve it now (" + said + "); it did nothing of it";
        }
        String tls = tls(cause);
        return tls == null
                ? "no connection (" + reason(cause, said) + "); check that it runs and is reachable"
                : "no connection, TLS failed (" + tls + "); check the settings tls.*, the server's certificate and"
                        + " whether it names the host of the URL";
    }

    /** The cause of a failure that does not pass by itself, for whoever opens a client; it has none of the libraries' words. */
    private static @Nullable CertificateException refused(@Nullable Throwable cause) {
        return TlsSettings.isRefused(cause) ? new CertificateException("refused") : null;
    }

    /** What is wrong with TLS, as the innermost that knows says it; null when it is something else. */
    private static @Nullable String tls(@Nullable Throwable cause) {
        String found = null;
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof SSLException || t instanceof GeneralSecurityException) {
                found = t.getMessage() == null ? name(t) : shown(t.getMessage());
            }
        }
        return found;
    }

    private static LockException denied(String start, String said) {
        return new LockDeniedException(start + "refused (" + said
                + "); check user and password, and the role that docs/backends/etcd.md describes");
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
            if (!network) {
                return denied(start, said(inner));
            }
            return tls(why) == null
                    ? new LockUnavailableException(start + "could not log in (" + reason(why, said(inner)) + ")")
                    : new LockUnavailableException(start + nothingDone(why, inner, said(inner)), refused(why));
        }
        return denied(start, said);
    }

    /** Opening changes nothing that outlives a lease, so there is no unknown outcome; what does not pass is no outage (rule OP-1). */
    LockException atOpen(@Nullable Throwable failure) {
        LockException known = of(failure, "open");
        if (known instanceof LockUnavailableException && (isClosed(known) || TlsSettings.isRefused(known))) {
            return new LockConfigException(String.valueOf(known.getMessage()));
        }
        return known instanceof LockOutcomeUnknownException
                ? new LockUnavailableException(known.getMessage() + "; check that etcd runs and is reachable")
                : known;
    }

    /** The outcome of a request that may have been carried out. */
    LockException unanswered(String what, String why) {
        return new LockOutcomeUnknownException("store " + store + ", " + what + ": no answer (" + why + ")");
    }

    /** A failure of what may be carried out all the same, or is to be asked for again. */
    LockException undecided(LockException why) {
        return why instanceof LockUnavailableException
                ? new LockOutcomeUnknownException(String.valueOf(why.getMessage()))
                : why;
    }

    /** The session's lease is not there: nothing was done, and nothing can be done in this session any more. */
    LockException sessionGone(String what) {
        return new LockUnavailableException("store " + store + ", " + what + ": the session's lease has ended in etcd");
    }

    /** Whether nothing will be reached any more, because the jetcd client was closed. */
    static boolean isClosed(LockException known) {
        String message = known.getMessage();
        return message != null && message.endsWith(CLOSED);
    }

    /** Whether it is etcd saying that the lease of a request is not there. */
    static boolean isLeaseGone(@Nullable Throwable failure) {
        Throwable cause = unwrap(failure);
        return cause != null && said(status(cause)).contains(LEASE_GONE);
    }

    /** Whether an answer was larger than one may be. */
    static boolean isTooLarge(@Nullable Throwable failure) {
        Throwable cause = unwrap(failure);
        return cause != null
                && (said(status(cause)).contains(TOO_LARGE)
                        || String.valueOf(cause.getMessage()).contains(TOO_LARGE));
    }

    private static boolean isDenial(String said) {
        return (said.contains("auth") && !said.contains("auth store is old"))
                || said.contains("user name")
                || said.contains("permission denied");
    }

    static Status status(@Nullable Throwable cause) {
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

    static String said(Status status) {
        String text = status.getDescription();
        if (text == null) {
            return status.getCode().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
        return shown(text);
    }

    /** The store's words come from elsewhere: what a terminal or a log would take for more than a letter is escaped. */
    private static String shown(String text) {
        String part = text.length() > 200 ? text.substring(0, 200) + "…" : text;
        StringBuilder safe = new StringBuilder(part.length());
        part.codePoints().forEach(c -> {
            int kind = Character.getType(c);
            boolean plain = kind != Character.CONTROL
                    && kind != Character.FORMAT
                    && kind != Character.LINE_SEPARATOR
                    && kind != Character.PARAGRAPH_SEPARATOR
                    && kind != Character.SURROGATE;
            if (plain) {
                safe.appendCodePoint(c);
            } else {
                safe.append(String.format(Locale.ROOT, "\\u%04x", c));
            }
        });
        return safe.toString();
    }

    /** Why there is no connection, as the JDK says it. */
    private static String reason(@Nullable Throwable cause, String otherwise) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof java.io.IOException && t.getMessage() != null) {
                return shown(t.getMessage());
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
