// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.TlsSettings;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.redisson.RedissonShutdownException;
import org.redisson.client.RedisAuthRequiredException;
import org.redisson.client.RedisConnectionException;
import org.redisson.client.RedisException;
import org.redisson.client.RedisOutOfMemoryException;
import org.redisson.client.RedisReadonlyException;
import org.redisson.client.RedisResponseTimeoutException;
import org.redisson.client.RedisRetryException;
import org.redisson.client.RedisTimeoutException;
import org.redisson.client.RedisWrongPasswordException;
import org.redisson.client.WriteRedisConnectionException;

/**
 * Redisson's exceptions in ours (rules UO-1, ER-1, ER-2).
 *
 * <p>What Redis refuses before it runs a script, and what fails at a script's first write, did surely nothing. A connection that
 * broke, or an answer that did not come, leaves it open. Redisson's own exceptions are not attached: their texts quote commands
 * with their parameters, which may hold a password.
 */
final class Failures {
    private static final String SHUT_DOWN = "the Redisson client has been shut down";

    private static final String UNKNOWN_COMMAND = "ERR unknown command";

    private static final String NO_DATABASE =
            "the server has no database of that number; the URL ends in it, and the server's 'databases' says how many"
                    + " there are, from 0 on";

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
     * @param failure what Redisson threw
     * @param what what was asked, such as "contend"
     * @return one of ours
     */
    LockException of(@Nullable Throwable failure, String what) {
        Throwable cause = unwrap(failure);
        if (cause instanceof LockException ours) {
            return ours;
        }
        String said = said(cause);
        String start = "store " + store + ", " + what + ": ";
        String denial = denial(cause);
        if (denial != null) {
            return denied(what, denial);
        }
        if (isDatabaseMissing(cause)) {
            return new LockConfigException(start + NO_DATABASE);
        }
        if (cause instanceof RedisOutOfMemoryException) {
            return new LockUnavailableException(
                    start + "the server is at maxmemory; give it more, or find what fills it");
        }
        if (cause instanceof RedisReadonlyException) {
            return new LockUnavailableException(start + "this server is a replica; connect to its master");
        }
        if (cause instanceof RedisRetryException || isRefusal(said)) {
            return new LockUnavailableException(start + "the server does not serve it now (" + said + ")");
        }
        if (cause instanceof RedissonShutdownException) {
            return new LockUnavailableException(start + SHUT_DOWN);
        }
        if (said.startsWith("WRONGTYPE")) {
            return new LockUnavailableException(start + "a key of this lock holds something foreign (" + said
                    + "); delete it, or use another prefix");
        }
        boolean sent = cause instanceof WriteRedisConnectionException || cause instanceof RedisResponseTimeoutException;
        if (!sent && (cause instanceof RedisConnectionException || cause instanceof RedisTimeoutException)) {
            // Its cause says, without the library's words, that it does not pass: for whoever opens a client.
            CertificateException refused = TlsSettings.isRefused(cause) ? new CertificateException("refused") : null;
            return new LockUnavailableException(
                    start + "no connection (" + reason(cause) + "); check that it runs and is reachable", refused);
        }
        return unanswered(what, cause instanceof RedisException ? said : name(cause));
    }

    /** What refuses our credentials or rights. */
    LockDeniedException denied(String what, String why) {
        return new LockDeniedException("store " + store + ", " + what + ": refused (" + why
                + "); check user and password, and the rights that docs/backends/redis.md lists");
    }

    /** Opening changes nothing in the store, so there is no unknown outcome; what does not pass is no outage (rule OP-1). */
    LockException atOpen(Throwable failure) {
        LockException known = of(failure, "open");
        if (TlsSettings.isRefused(known)) {
            return new LockConfigException(
                    known.getMessage() + "; check the settings tls.* and the server's certificate");
        }
        String said = String.valueOf(known.getMessage());
        if (said.endsWith(SHUT_DOWN) || said.contains(UNKNOWN_COMMAND)) {
            return new LockConfigException(said + "; lend a client that is open, to a server that has scripts");
        }
        return known instanceof LockOutcomeUnknownException
                ? new LockUnavailableException(known.getMessage() + "; check that the server runs and is reachable")
                : known;
    }

    /** The outcome of a request that may have been carried out. */
    LockException unanswered(String what, String why) {
        return new LockOutcomeUnknownException("store " + store + ", " + what + ": no answer (" + why + ")");
    }

    /** Whether it is Redis saying that it does not know a script yet. */
    static boolean isScriptMissing(@Nullable Throwable failure) {
        return unwrap(failure) instanceof org.redisson.client.RedisNoScriptException;
    }

    /** What refuses our credentials or rights; a connection that cannot be made has it as its cause. */
    private static @Nullable String denial(@Nullable Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            boolean known = t instanceof RedisAuthRequiredException || t instanceof RedisWrongPasswordException;
            if (known || (t instanceof RedisException && isDenial(said(t)))) {
                return said(t);
            }
        }
        return null;
    }

    /** A connection that cannot be made has the refused SELECT as its cause. */
    private static boolean isDatabaseMissing(@Nullable Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            String said = t instanceof RedisException ? said(t) : "";
            if (said.startsWith("ERR DB index is out of range") || said.startsWith("ERR invalid DB index")) {
                return true;
            }
        }
        return false;
    }

    private static boolean isDenial(String said) {
        return said.startsWith("NOPERM")
                || said.startsWith("DENIED")
                || said.startsWith("NOAUTH")
                || said.startsWith("WRONGPASS")
                || said.startsWith("ERR AUTH")
                || said.startsWith("ERR invalid password")
                || said.contains("ACL failure in script")
                || said.contains("The user executing the script");
    }

    /** Answers of Redis itself, given before anything was done, for which Redisson has no type of its own. */
    private static boolean isRefusal(String said) {
        return said.startsWith("MISCONF")
                || said.startsWith("NOSCRIPT")
                || said.startsWith("ERR max number of clients")
                || said.startsWith(UNKNOWN_COMMAND)
                || said.startsWith("NOREPLICAS");
    }

    /** What Redis said, without Redisson's additions: the channel, and the command with its parameters. */
    private static String said(@Nullable Throwable cause) {
        if (!(cause instanceof RedisException) || cause.getMessage() == null) {
            return name(cause);
        }
        if (cause instanceof RedisTimeoutException || cause instanceof RedisConnectionException) {
            return name(cause);
        }
        String message = cause.getMessage();
        int end = message.indexOf(". channel:");
        return StoreWords.shown(end >= 0 ? message.substring(0, end) : message);
    }

    /** Why there is no connection, as the JDK says it: its words have no parameters of ours in them. */
    private static String reason(Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            boolean network = t instanceof IOException || t instanceof GeneralSecurityException;
            if (network && t.getMessage() != null) {
                return StoreWords.shown(t.getMessage());
            }
        }
        return name(cause);
    }

    private static String name(@Nullable Throwable cause) {
        if (cause == null) {
            return "no reason given";
        }
        String simple = cause.getClass().getSimpleName().replaceFirst("Exception$", "");
        return simple.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    private static @Nullable Throwable unwrap(@Nullable Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
