// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.context;

import io.holdfast.FencingRegressionException;
import io.holdfast.LockClosedException;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.LockLoss;
import io.holdfast.LockLostException;
import io.holdfast.LockNames;
import io.holdfast.LockTimeoutException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.DurationFormat;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The client's exceptions, each with the lock, the store, what happened and what to do (rules ER-1, ER-2). */
public final class Failures {
    private final String store;

    Failures(String store) {
        this.store = store;
    }

    /** The failure itself, as one of ours; what is not ours becomes unavailable, since nothing is known of it. */
    public RuntimeException unwrap(@Nullable Throwable failure) {
        Throwable t = failure;
        while ((t instanceof CompletionException || t instanceof ExecutionException) && t.getCause() != null) {
            t = t.getCause();
        }
        if (t instanceof LockException e) {
            return e;
        }
        String what = t == null ? "the store gave no answer" : "the store's client failed: " + t;
        return new LockUnavailableException("store " + store + ": " + what, t);
    }

    /** Whether trying again is pointless. */
    public boolean isFinal(RuntimeException failure) {
        return failure instanceof LockDeniedException
                || failure instanceof LockConfigException
                || failure instanceof LockClosedException
                || failure instanceof FencingRegressionException;
    }

    /** A failure of the store, told of one lock; made anew so that it has the stack of whoever waits. */
    public RuntimeException named(String name, RuntimeException failure) {
        return told(about(name), failure);
    }

    /** A failure of the store, told with what was asked and where (rule ER-1), and with the stack of whoever asked. */
    public RuntimeException told(String asked, RuntimeException failure) {
        if (failure instanceof FencingRegressionException) {
            return failure;
        }
        String message = asked + said(failure);
        // Of a timeout that a store reports nobody waited the time.
        return failure instanceof LockException known && !(known instanceof LockTimeoutException)
                ? known.retold(message)
                : new LockUnavailableException(message, failure);
    }

    /** The same failure for another thread, with that thread's stack. */
    public static RuntimeException rethrown(RuntimeException e) {
        return e instanceof LockException known ? known.retold(String.valueOf(e.getMessage())) : e;
    }

    public LockUnavailableException unavailable(String name, String what, @Nullable RuntimeException cause) {
        String because = cause == null ? "" : ": " + said(cause);
        return new LockUnavailableException(
                about(name) + what + because
                        + "; nothing is held, check that the store is up and reachable, then try again",
                cause);
    }

    public LockTimeoutException timeout(String name, Duration waited) {
        return new LockTimeoutException(about(name) + "not acquired within " + DurationFormat.show(waited)
                + ", somebody else holds it; wait longer, or ask inspect() who");
    }

    public LockClosedException closed(String name) {
        return new LockClosedException(about(name) + "the client is closed; open another one");
    }

    public LockLostException lost(LockLoss loss) {
        return new LockLostException(loss, store);
    }

    public IllegalMonitorStateException notOwner(String name, String owner) {
        return new IllegalMonitorStateException(
                about(name) + "not held by " + owner + "; only its owner can release it");
    }

    public FencingRegressionException regression(String name, long token, long floor, long base) {
        // The base that would lift this very token above the floor; those that follow are larger.
        long needed = base + (floor - token) + 1;
        return new FencingRegressionException(
                about(name) + "the store offered fencing token " + token + ", but " + floor
                        + " was seen before: its data was lost or restored, or it is another store; if that is meant, set token-base="
                        + needed + " (or more) on all clients of the name");
    }

    private String about(String name) {
        return "lock '" + LockNames.printable(name) + "' in " + store + ": ";
    }

    /** Without the store, which the sentence has before it. */
    private String said(RuntimeException failure) {
        String message = failure.getMessage();
        if (message == null) {
            return failure.getClass().getSimpleName();
        }
        String place = "store " + store;
        boolean twice = message.startsWith(place + ": ") || message.startsWith(place + ", ");
        return twice ? message.substring(place.length() + 2) : message;
    }
}
