// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import io.holdfast.ForceOutcome;
import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.StoredLock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A store in this JVM's memory: for every name the contenders in line, and one counter for the tokens of all names.
 *
 * <p>It is the reference for what every other store must do, and the store of simulations: give it a {@link LockRuntime} with a
 * clock of your own, hand it to {@link MemoryBackend#using}, and hours of leases pass in milliseconds. A session past its lease
 * is ended when somebody asks for what it holds or waits for, and by a timer while somebody waits behind it; a name that nobody
 * holds or waits for leaves nothing. Thread-safe.
 */
public final class MemoryStore {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<LockKey, MemoryLine> lines = new HashMap<>();
    private final Set<MemorySession> sessions = new LinkedHashSet<>();
    private final ArrayDeque<MemoryLine> unsettled = new ArrayDeque<>();
    private final String address;
    private final @Nullable LockRuntime runtime;
    private long lastToken;
    private long sessionsOpened;

    /**
     * Makes an empty store that no {@code memory:} URI finds. Its tokens start at 1.
     *
     * @param runtime whose clock counts the leases and whose scheduler ends them; sessions may run on others, as clients of a
     *     server do. It stays the caller's
     */
    public MemoryStore(LockRuntime runtime) {
        this("memory:(private)", Objects.requireNonNull(runtime, "runtime"), 0);
    }

    /** Without a runtime every session's lease is counted on its own client's clock. */
    MemoryStore(String address, @Nullable LockRuntime runtime, long lastToken) {
        this.address = address;
        this.runtime = runtime;
        this.lastToken = lastToken;
    }

    String address() {
        return address;
    }

    long lastToken() {
        return locked(after -> lastToken);
    }

    MemorySession open(MemoryBackend backend, MemorySession.Opening opening) {
        return locked(after -> {
            LockRuntime keeper = runtime != null ? runtime : opening.options().runtime();
            MemorySession session = new MemorySession(backend, "m" + ++sessionsOpened, opening, keeper);
            sessions.add(session);
            return session;
        });
    }

    MemoryContender contend(MemorySession session, LockRequest request) {
        return locked(after -> {
            MemoryContender known = session.contenders.get(request.contenderId());
            if (known != null && session.isAlive()) { // a repeated request takes no second place (rule UO-4)
                return known;
            }
            Grant given = request.releasing();
            boolean released = given == null || free(session, given, after);
            if (!session.isAlive()) {
                end(session, "its lease ran out", after);
                return MemoryContender.failed(session, request, gone(session), released);
            }
            if (session.spent.contains(request.contenderId())) { // a late copy of a finished request (rule UO-2)
                return MemoryContender.failed(session, request, spent(request), released);
            }
            return place(session, request, released, after);
        });
    }

    private MemoryContender place(MemorySession session, LockRequest request, boolean released, Aftermath after) {
        LockKey key = new LockKey(session.backend.prefix(), request.name());
        MemoryLine known = lines.get(key);
        if (known != null) {
            settle(known, after); // a holder whose lease ran out unseen holds no more
        }
        MemoryLine line = lines.computeIfAbsent(key, MemoryLine::new);
        Contender.Answer answer = line.isEmpty()
                ? Contender.Answer.GRANTED
                : request.enqueue() ? Contender.Answer.WAITING : Contender.Answer.BUSY;
        MemoryContender contender = MemoryContender.answered(session, request, answer, released);
        if (answer == Contender.Answer.BUSY) {
            session.spent.add(request.contenderId());
            return contender;
        }
        session.contenders.put(request.contenderId(), contender);
        line.add(contender);
        settle(line, after);
        return contender;
    }

    boolean release(MemorySession session, Grant grant) {
        return locked(after -> free(session, grant, after));
    }

    /** Compares all that makes a grant this very one: a late or repeated release touches no other (rule UO-3). */
    private boolean free(MemorySession session, Grant grant, Aftermath after) {
        if (!session.isAlive()) {
            end(session, "its lease ran out", after);
            return false;
        }
        MemoryContender holder = session.contenders.get(grant.contenderId());
        if (holder == null
                || holder.grant == null
                || holder.grant.storeToken() != grant.storeToken()
                || !holder.grant.name().equals(grant.name())) {
            return false;
        }
        remove(holder, after);
        return true;
    }

    void withdraw(MemoryContender contender) {
        locked(after -> {
            if (contender.session.contenders.get(contender.request().contenderId()) == contender) {
                remove(contender, after);
            }
            return null;
        });
    }

    CompletionStage<Renewal> renew(MemorySession session, Collection<Contender> asked, long sentAt) {
        return locked(after -> {
            if (!session.isAlive()) {
                end(session, "its lease ran out", after);
                return CompletableFuture.failedFuture(gone(session));
            }
            session.renewed(sentAt);
            Map<Long, ContenderStatus> statuses = new HashMap<>();
            for (Contender contender : asked) {
                long id = contender.request().contenderId();
                MemoryContender known = session.contenders.get(id);
                statuses.put(
                        id,
                        known == null
                                ? ContenderStatus.GONE
                                : known.grant == null
                                        ? ContenderStatus.WAITING
                                        : new ContenderStatus.Holding(known.grant));
            }
            return CompletableFuture.completedFuture(new Renewal(sentAt, statuses));
        });
    }

    void close(MemorySession session) {
        locked(after -> {
            end(session, null, after);
            return null;
        });
    }

    /** Ends what a backend opened and its clients have not closed; they are told. */
    void closeAll(MemoryBackend backend) {
        locked(after -> {
            for (MemorySession session : List.copyOf(sessions)) {
                if (session.backend == backend) {
                    end(session, "the backend was closed", after);
                }
            }
            return null;
        });
    }

    StoredLock inspect(LockKey key) {
        return locked(after -> {
            MemoryLine line = lines.get(key);
            if (line == null) {
                return StoredLock.free(key.name(), 0);
            }
            settle(line, after);
            return describe(line);
        });
    }

    List<StoredLock> list(String prefix) {
        return locked(after -> {
            for (MemorySession session : List.copyOf(sessions)) {
                if (!session.isAlive()) {
                    end(session, "its lease ran out", after);
                }
            }
            List<StoredLock> found = new ArrayList<>();
            for (MemoryLine line : lines.values()) {
                if (line.key.prefix().equals(prefix)) {
                    found.add(describe(line));
                }
            }
            return found;
        });
    }

    ForceOutcome forceRelease(LockKey key, OptionalLong storeToken) {
        return locked(after -> {
            MemoryLine line = lines.get(key);
            if (line != null) {
                settle(line, after);
            }
            MemoryContender holder = line == null ? null : line.first();
            Grant grant = holder == null ? null : holder.grant;
            if (holder == null || grant == null) {
                return ForceOutcome.NOT_HELD;
            }
            if (storeToken.isPresent() && storeToken.getAsLong() != grant.storeToken()) {
                return ForceOutcome.MOVED_ON;
            }
            after.add(() -> holder.session.events.grantLost(grant, "it was released by force"));
            remove(holder, after);
            return ForceOutcome.RELEASED;
        });
    }

    private static StoredLock describe(MemoryLine line) {
        MemoryContender holder = line.first();
        Grant grant = holder == null ? null : holder.grant;
        if (holder == null || grant == null) {
            return StoredLock.free(line.key.name(), line.size());
        }
        return new StoredLock(
                line.key.name(), grant.storeToken(), holder.session.label(), holder.sinceMillis, line.size());
    }

    private void remove(MemoryContender contender, Aftermath after) {
        MemorySession session = contender.session;
        session.contenders.remove(contender.request().contenderId());
        leave(contender, after);
        settleAll(after);
    }

    /** Takes a contender out of its line, which is left to be settled. */
    private void leave(MemoryContender contender, Aftermath after) {
        MemorySession session = contender.session;
        session.spent.add(contender.request().contenderId());
        MemoryLine line = Objects.requireNonNull(lines.get(
                new LockKey(session.backend.prefix(), contender.request().name())));
        line.remove(contender);
        unsettled.add(line);
        if (contender.grant == null) {
            after.add(() -> contender.deliver(null));
        }
    }

    /**
     * Ends a session and frees all it had, once.
     *
     * @param why what its client is told; null when the client itself has closed it
     */
    private void end(MemorySession session, @Nullable String why, Aftermath after) {
        if (!session.ended) {
            terminate(session, why, after);
            settleAll(after);
        }
    }

    private void terminate(MemorySession session, @Nullable String why, Aftermath after) {
        session.ended = true;
        sessions.remove(session);
        if (why != null) {
            after.add(() -> session.events.sessionLost("session " + session + " in " + address + " ended: " + why));
        }
        for (MemoryContender contender : session.contenders.values()) {
            leave(contender, after);
        }
        session.contenders.clear();
    }

    private void settle(MemoryLine line, Aftermath after) {
        unsettled.add(line);
        settleAll(after);
    }

    /** Brings every line that changed into order; ending a dead session found at a head adds its other lines to the work. */
    private void settleAll(Aftermath after) {
        for (MemoryLine line = unsettled.poll(); line != null; line = unsettled.poll()) {
            MemoryContender first = line.first();
            if (first != null && !first.session.isAlive()) {
                terminate(first.session, "its lease ran out", after); // adds this line again, too
                continue;
            }
            if (first == null) {
                lines.remove(line.key, line);
            } else if (first.grant == null) {
                grant(first, after);
            }
            watch(line, after);
        }
    }

    private void grant(MemoryContender contender, Aftermath after) {
        LockRequest request = contender.request();
        Grant grant = new Grant(
                request.name(), request.contenderId(), ++lastToken, contender.session.basis(), contender.session.id());
        contender.grant = grant;
        contender.sinceMillis = contender.session.clientWallMillis();
        after.add(() -> contender.deliver(grant));
    }

    /** Sees to it that the end of the holder's lease is noticed while somebody waits for it. */
    private void watch(MemoryLine line, Aftermath after) {
        MemoryContender waiter = line.second();
        ExpiryWatch old = line.watch;
        if (old != null && old.waiter != waiter) {
            after.add(old::stop);
            line.watch = null;
        }
        MemoryContender holder = line.first();
        if (waiter != null && holder != null && line.watch == null) {
            ExpiryWatch watch = new ExpiryWatch(waiter, () -> look(line, waiter));
            line.watch = watch;
            long delay = holder.session.remainingNanos();
            after.add(() -> watch.start(waiter.session.keeper(), delay));
        }
    }

    private void look(MemoryLine line, MemoryContender waiter) {
        locked(after -> {
            if (line.watch != null && line.watch.waiter == waiter) {
                line.watch = null;
                settle(line, after);
            }
            return null;
        });
    }

    private static LockException gone(MemorySession session) {
        return new LockUnavailableException("session " + session + " in " + session.store().address
                + " has ended, and what it held is free; open another");
    }

    private static LockException spent(LockRequest request) {
        return new LockUnavailableException(request + " was sent again after it was given up: it does nothing");
    }

    /** Runs a step under the lock, then what it decided outside of it. */
    private <T extends @Nullable Object> T locked(Function<Aftermath, T> step) {
        Aftermath after = new Aftermath();
        T result;
        lock.lock();
        try {
            result = step.apply(after);
        } finally {
            lock.unlock();
        }
        after.run();
        return result;
    }
}
