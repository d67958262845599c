// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/**
 * ZooKeeper's codes in our exceptions (rules UO-1, ER-1, ER-2).
 *
 * <p>The one place that says of every code whether the request surely did nothing ({@link LockUnavailableException}, {@link
 * LockDeniedException}) or may have been carried out ({@link LockOutcomeUnknownException}); docs/backends/zookeeper.md has it as a
 * table. What was surely done before, a node that is there already or gone, is no failure: {@link Requests} says so.
 */
final class Failures {
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
     * @param failure what ZooKeeper's client said
     * @param what what was asked, such as "contend"
     * @return one of ours
     */
    LockException of(@Nullable Throwable failure, String what) {
        Throwable cause = unwrap(failure);
        if (cause instanceof LockException ours) {
            return ours;
        }
        String start = "store " + store + ", " + what + ": ";
        Code code = codeOf(cause);
        if (code == null) {
            return new LockOutcomeUnknownException(start + "failed (" + cause + ")");
        }
        String said = said(code);
        return switch (code) {
            case AUTHFAILED ->
                new LockDeniedException(start + "refused (" + said
                        + "); check user and password, or for SASL the JAAS section Client; DIGEST-MD5 needs"
                        + " -Dzookeeper.fips-mode=false");
            case NOAUTH, SESSIONCLOSEDREQUIRESASLAUTH ->
                new LockDeniedException(start + "refused (" + said
                        + "); check user and password, and the rights that docs/backends/zookeeper.md lists");
            case INVALIDACL ->
                new LockDeniedException(
                        start + "refused (" + said + "); acl=creator needs credentials that the servers know");
            // No answer, or one that a server gives when it fails on
            // the way to its answer (MARSHALLINGERROR): it may be done.
            case CONNECTIONLOSS,
                    OPERATIONTIMEOUT,
                    REQUESTTIMEOUT,
                    SYSTEMERROR,
                    RUNTIMEINCONSISTENCY,
                    DATAINCONSISTENCY,
                    MARSHALLINGERROR,
                    APIERROR -> unanswered(what, said);
            // What the session has made goes with it, whatever became of the request.
            case SESSIONEXPIRED -> new LockUnavailableException(start + "the session has ended");
            case NOTREADONLY ->
                new LockUnavailableException(start + "this server has lost its quorum and serves reads only");
            case NOCHILDRENFOREPHEMERALS ->
                new LockUnavailableException(
                        start + "a node above the contenders is an ephemeral one of a stranger; use another prefix");
            case EPHEMERALONLOCALSESSION ->
                new LockUnavailableException(start
                        + "the servers keep our session local and make no ephemeral nodes in it; set"
                        + " localSessionsUpgradingEnabled=true on them");
            // Refused before it was proposed to anybody.
            case SESSIONMOVED,
                    THROTTLEDOP,
                    QUOTAEXCEEDED,
                    UNIMPLEMENTED,
                    BADARGUMENTS,
                    NONODE,
                    NODEEXISTS,
                    NOTEMPTY,
                    BADVERSION,
                    NEWCONFIGNOQUORUM,
                    RECONFIGINPROGRESS,
                    RECONFIGDISABLED,
                    NOWATCHER -> new LockUnavailableException(start + "the server does not serve it (" + said + ")");
            // What ZooKeeper has and does not use, or may have one day, says nothing of what was done.
            default -> unanswered(what, said);
        };
    }

    /** What ZooKeeper's client says by a number: one that it has no name or no exception for, too. */
    static KeeperException ofCode(int number, String path) {
        try {
            return KeeperException.create(Code.get(number), path);
        } catch (IllegalArgumentException unheardOf) {
            return KeeperException.create(Code.SYSTEMERROR, path + ", code " + number);
        }
    }

    /** Opening changes nothing that outlives it, so there is no unknown outcome. */
    LockException atOpen(@Nullable Throwable failure) {
        LockException known = of(failure, "open");
        return known instanceof LockOutcomeUnknownException
                ? new LockUnavailableException(known.getMessage() + "; check that the servers run and are reachable")
                : known;
    }

    /** The outcome of a request that may have been carried out. */
    LockException unanswered(String what, String why) {
        return new LockOutcomeUnknownException("store " + store + ", " + what + ": no answer (" + why + ")");
    }

    /** A request that was not sent. */
    LockException notConnected(String what) {
        return new LockUnavailableException(
                "store " + store + ", " + what + ": no connection; check that the servers run and are reachable");
    }

    static boolean is(@Nullable Throwable failure, Code code) {
        return codeOf(unwrap(failure)) == code;
    }

    private static @Nullable Code codeOf(@Nullable Throwable cause) {
        return cause instanceof KeeperException keeper ? keeper.code() : null;
    }

    private static String said(Code code) {
        return code.name().toLowerCase(Locale.ROOT);
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
