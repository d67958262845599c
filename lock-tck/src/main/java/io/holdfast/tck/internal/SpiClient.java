// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A session without the engine: what a test of the SPI speaks through. Nothing renews it but the test. */
public final class SpiClient implements SessionEvents {
    private final LockBackend backend;
    private final AtomicLong ids = new AtomicLong();
    private final List<Grant> lostGrants = new CopyOnWriteArrayList<>();
    private final AtomicInteger losses = new AtomicInteger();
    private volatile Runnable event = () -> {};
    private @Nullable LockSession session;

    public SpiClient(LockBackend backend) {
        this.backend = backend;
    }

    void opened(LockSession begun) {
        session = begun;
    }

    public LockBackend backend() {
        return backend;
    }

    public LockSession session() {
        return Objects.requireNonNull(session);
    }

    /** The grants that the session reported gone. */
    public List<Grant> lostGrants() {
        return lostGrants;
    }

    /** A request with an id of its own. */
    public LockRequest request(String name, boolean enqueue, @Nullable Grant releasing) {
        return LockRequest.exclusive(name, ids.incrementAndGet(), enqueue, releasing);
    }

    /** Contends and sends. */
    public Contender contend(String name, boolean enqueue, @Nullable Grant releasing) {
        Contender contender = session().contend(request(name, enqueue, releasing));
        start(contender);
        return contender;
    }

    /** Sends, on a thread that may wait. */
    public static void start(Contender contender) {
        Thread sender = new Thread(contender::start, "tck-sender");
        sender.setDaemon(true);
        sender.start();
    }

    /** Has something run in every event of the session. */
    public void onEvent(Runnable action) {
        event = action;
    }

    /** How often the session said that it is lost. */
    public int losses() {
        return losses.get();
    }

    @Override
    public void sessionLost(String why) {
        losses.incrementAndGet();
        event.run();
    }

    @Override
    public void grantLost(Grant grant, String why) {
        lostGrants.add(grant);
        event.run();
    }
}
