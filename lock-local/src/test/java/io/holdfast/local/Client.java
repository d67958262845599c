// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One session driven by hand, as the engine would drive it. */
final class Client implements SessionEvents {
    static final Duration LEASE = Duration.ofSeconds(10);
    private static final long ANSWER_SECONDS = 120;

    final LockSession session;
    final List<String> sessionLosses = new CopyOnWriteArrayList<>();
    final List<Grant> grantLosses = new CopyOnWriteArrayList<>();
    private final AtomicLong ids = new AtomicLong();

    private Client(LockBackend backend, String label, LockRuntime runtime, Duration lease) {
        session = await(backend.openSession(new SessionOptions(lease, label, runtime), this));
    }

    static Client open(LockBackend backend, String label, LockRuntime runtime) {
        return new Client(backend, label, runtime, LEASE);
    }

    static Client open(LockBackend backend, String label, LockRuntime runtime, Duration lease) {
        return new Client(backend, label, runtime, lease);
    }

    /** Waits for a stage; what it fails with is thrown as it is. */
    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError("a stage did not complete within " + ANSWER_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    static boolean isDone(CompletionStage<?> stage) {
        return stage.toCompletableFuture().isDone();
    }

    Contender contend(LockRequest request) {
        Contender contender = session.contend(request);
        contender.start();
        return contender;
    }

    Contender queue(String name) {
        return contend(LockRequest.exclusive(name, ids.incrementAndGet(), true, null));
    }

    Contender attempt(String name) {
        return contend(LockRequest.exclusive(name, ids.incrementAndGet(), false, null));
    }

    Contender exchange(Grant given) {
        return contend(LockRequest.exclusive(given.name(), ids.incrementAndGet(), true, given));
    }

    /** Takes a name that must be free. */
    Grant take(String name) {
        Contender contender = queue(name);
        if (await(contender.answered()) != Contender.Answer.GRANTED) {
            throw new AssertionError("'" + name + "' was not free");
        }
        return await(contender.granted());
    }

    boolean release(Grant grant) {
        return await(session.release(grant));
    }

    void renew() {
        await(session.renew(List.of()));
    }

    @Override
    public void sessionLost(String why) {
        sessionLosses.add(why);
    }

    @Override
    public void grantLost(Grant grant, String why) {
        grantLosses.add(grant);
    }
}
