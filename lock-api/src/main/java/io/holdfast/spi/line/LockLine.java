// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi.line;

import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A store that keeps a line of contenders for every name, as its author describes it; {@link LineBackend} makes a backend of it.
 *
 * <p>Take this depth when the store can queue or notify. One that only has compare-and-set is a {@link io.holdfast.spi.LockTable}.
 * Thread-safe. {@link LineSession} says what a stage may fail with. A line whose capabilities say that it blocks may wait for its answers
 * on the thread that calls; the engine then calls on one that may wait.
 */
public interface LockLine extends AutoCloseable {
    /**
     * What this store can do, as {@link io.holdfast.spi.LockBackend#capabilities()}. The scope decides whose lease a renewal restarts.
     *
     * @return the facts
     */
    Capabilities capabilities();

    /**
     * The store's address, for people: scheme, hosts, path; never a secret.
     *
     * @return a redacted URI
     */
    String store();

    /**
     * Opens a session; it is asked again as {@link io.holdfast.spi.LockBackend#openSession} says (rule OP-1).
     *
     * @param options the client's settings for it
     * @param events what to call when something happens to the session; calls before the stage has completed change nothing
     * @return completes with a live session; exceptionally also with {@code LockConfigException} when the store cannot serve the lease
     */
    CompletionStage<? extends LineSession> open(SessionOptions options, LineEvents events);

    /**
     * Who answers what people ask of locks.
     *
     * @return the same at every call
     */
    Inquiries inquiries();

    /**
     * Looks whether the store is set up safely for locks, as {@link io.holdfast.spi.LockBackend#diagnose}.
     *
     * @param limits whose clock and scheduler limit the question in time
     * @return completes with at least one finding
     */
    CompletionStage<List<StoreFinding>> diagnose(LockRuntime limits);

    /** Ends the connection if this line made it; a store client that was lent stays open. Called once; ends within a bounded time. */
    @Override
    void close();
}
