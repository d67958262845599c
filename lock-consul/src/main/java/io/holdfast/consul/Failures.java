// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.ecwid.consul.transport.TransportException;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.consul.Transport.Reply;
import io.holdfast.spi.TlsSettings;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.http.conn.ConnectTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong with a request, in our exceptions (rules UO-1, ER-1, ER-2). Those of the libraries are not attached: their texts
 * are not ours to answer for.
 */
final class Failures {
    private static final String RIGHTS = "; check the token, and the rights that docs/backends/consul.md lists";

    /** Of Unicode's kinds: control, format (which turns text around), surrogate, private, and other ends of lines. */
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\u2028\\u2029]");

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
     * A request without an answer.
     *
     * @param what what was asked, such as "contend"
     * @param changes whether it may have changed something
     * @param broken why we broke it off; null when we did not
     */
    LockException unanswered(RuntimeException failure, String what, boolean changes, @Nullable String broken) {
        Throwable cause = cause(failure);
        if (isBeforeSending(failure) && cause instanceof SSLException insecure) {
            // Its cause says, without the library's words, that it does not pass: for whoever opens a client.
            CertificateException refused = TlsSettings.isRefused(insecure) ? new CertificateException("refused") : null;
            return new LockUnavailableException(start(what) + tls(insecure), refused);
        }
        if (isTaken(cause)) {
            return new LockConfigException(
                    start(what) + "the lent HTTP client sends one request at a time ("
                            + printable(String.valueOf(cause.getMessage()))
                            + "); give it a PoolingHttpClientConnectionManager with 'wait-connections' + 14 connections a host");
        }
        if (isBeforeSending(failure)) {
            return new LockUnavailableException(
                    start(what) + "no connection (" + name(cause) + "); check that it runs and is reachable");
        }
        String why = broken == null ? name(cause) : broken;
        return changes
                ? new LockOutcomeUnknownException(start(what) + "no answer (" + why + ")")
                : new LockUnavailableException(start(what) + "no answer (" + why + "); check that it is reachable");
    }

    /** A connection manager for one connection has lent it to somebody. */
    private static boolean isTaken(Throwable cause) {
        return isRefusal(cause, "still allocated");
    }

    /** A connection manager has none to give any more. */
    private static boolean isShutDown(Throwable cause) {
        return isRefusal(cause, "pool shut down") || isRefusal(cause, "manager has been shut down");
    }

    /** By its words: HttpClient has this type for states of a connection that is in use, too. */
    private static boolean isRefusal(Throwable cause, String words) {
        return cause instanceof IllegalStateException
                && String.valueOf(cause.getMessage()).contains(words);
    }

    /** What is wrong with TLS, and what to do; what the library says of it is in its own words. */
    private static String tls(SSLException cause) {
        if (cause instanceof SSLPeerUnverifiedException) {
            return "the server's certificate is not for this address; use a name that is in the certificate, or set"
                    + " 'tls.verify' to false where somebody else vouches for the server";
        }
        for (Throwable why = cause; why != null; why = why.getCause()) {
            if (why instanceof CertificateException || why instanceof CertPathBuilderException) {
                return "the server's certificate is not trusted (" + name(why)
                        + "); set 'tls.ca' to the authority that signed" + " it, and look at its dates";
            }
        }
        return "no TLS connection (" + printable(String.valueOf(cause.getMessage()))
                + "); check that this is Consul's port for"
                + " https, and 'tls.certificate' and 'tls.key' when it wants a certificate of its clients";
    }

    private static Throwable cause(RuntimeException failure) {
        return failure instanceof TransportException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Nothing of the request has left. A server that refuses our certificate reads no request either. */
    static boolean isBeforeSending(RuntimeException failure) {
        Throwable cause = cause(failure);
        return isTaken(cause)
                || isShutDown(cause)
                || cause instanceof ConnectException // and HttpClient's own for a refused connection
                || cause instanceof ConnectTimeoutException // and the one for a pool without a free connection
                || cause instanceof UnknownHostException
                || cause instanceof NoRouteToHostException
                || cause instanceof SSLHandshakeException
                || cause instanceof SSLPeerUnverifiedException;
    }

    /**
     * An answer that is a refusal.
     *
     * @param changes whether the request may have changed something all the same
     */
    LockException refused(Reply reply, String what, boolean changes) {
        String said = shortened(reply.body());
        String start = start(what);
        if (reply.status() == 403 || reply.status() == 401 || isDenial(said)) {
            return denied(what, said);
        }
        if (said.startsWith("Invalid Session TTL")) {
            return new LockConfigException(start + "the server does not take this lease (" + said
                    + "); set 'lease' within its range, or its session_ttl_min lower");
        }
        if (said.contains("Missing node registration")) {
            return new LockUnavailableException(
                    start(what) + "Consul does not know the agent's node (" + said + "); an agent that"
                            + " has just started is known in a moment; a 'datacenter' other than its own has no sessions of its node:"
                            + " give the address of an agent there instead");
        }
        if (said.contains("No path to datacenter")) {
            return new LockConfigException(start(what) + "Consul knows no such datacenter (" + said
                    + "); leave the setting 'datacenter' away, or give the address of an agent there");
        }
        String answer = reply.status() + " " + said;
        if (reply.status() >= 500 && changes && !isBeforeRaft(said)) {
            return new LockOutcomeUnknownException(start + "the server failed (" + answer + ")");
        }
        if (reply.status() >= 500 || reply.status() == 429) {
            return new LockUnavailableException(start + "the server does not serve it now (" + answer + ")");
        }
        return new LockUnavailableException(
                start + "unexpected answer (" + answer + "); check that this is the address of a Consul agent");
    }

    LockException denied(String what, String said) {
        return new LockDeniedException(start(what) + "refused (" + said + ")" + RIGHTS);
    }

    LockException unavailable(String what, String why) {
        return new LockUnavailableException(start(what) + why);
    }

    /** An answer that cannot be read: whether the request was carried out is open. */
    LockException malformed(String what) {
        return new LockOutcomeUnknownException(
                start(what) + "an answer that Consul does not give; check that this is the address of a Consul agent");
    }

    /** What a stage fails with, whatever went wrong (rules ER-2, SP-3): of the unforeseen, whether anything was carried out is open. */
    LockException known(Throwable failure) {
        return failure instanceof LockException already
                ? already
                : new LockOutcomeUnknownException(
                        "store " + store + ": failed unexpectedly, so the request may have taken effect: " + failure,
                        failure);
    }

    /** A failure of one step among several, any of which may have been carried out. */
    LockException undecided(LockUnavailableException step) {
        return new LockOutcomeUnknownException(String.valueOf(step.getMessage()));
    }

    /** Opening a session that fails leaves nothing that does not go by itself. */
    LockException atOpen(LockException failure) {
        if (TlsSettings.isRefused(failure)) { // it does not pass, so it is no outage (rule OP-1)
            return new LockConfigException(String.valueOf(failure.getMessage()));
        }
        return failure instanceof LockOutcomeUnknownException
                ? new LockUnavailableException(failure.getMessage() + "; check that it runs and is reachable")
                : failure;
    }

    static boolean isDenial(String said) {
        return said.contains("Permission denied") || said.contains("ACL not found");
    }

    /** What a server says that has not begun with a request. */
    private static boolean isBeforeRaft(String said) {
        return said.contains("No cluster leader") || said.contains("Raft leader not found");
    }

    private String start(String what) {
        return "store " + store + ", " + what + ": ";
    }

    private static String shortened(String text) {
        String line = printable(text.strip().replaceAll("\\s+", " "));
        return line.length() > 200 ? line.substring(0, 200) + "…" : line;
    }

    /** What a server says reaches terminals and logs: nothing in it may move a cursor, or turn what stands beside it around. */
    private static String printable(String text) {
        return UNPRINTABLE
                .matcher(text)
                .replaceAll(found -> String.format(
                        Locale.ROOT, "\\\\u%04x", (int) found.group().charAt(0)));
    }

    private static String name(Throwable cause) {
        String simple = cause.getClass().getSimpleName().replaceFirst("Exception$", "");
        return simple.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }
}
