// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.LockConfig;
import io.holdfast.StoreFinding;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import io.holdfast.spi.line.Inquiries;
import io.holdfast.spi.line.LineBackend;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.LockLine;
import io.holdfast.spi.line.Ticket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/** A sound line in memory, as one client sees it: a fault overrides one of its steps. Each is atomic: the hall is locked for it. */
class Places implements LockLine, Inquiries {
    /** One place in a line; the first one's has a token. */
    static final class Place {
        final PlacesSession session;
        final Ticket ticket;
        final long since;
        long token;

        Place(PlacesSession session, Ticket ticket, long since) {
            this.session = session;
            this.ticket = ticket;
            this.since = since;
        }
    }

    /** What all clients share; guarded by itself. */
    static final class Hall {
        final Map<String, List<Place>> lines = new HashMap<>();
        final Set<PlacesSession> sessions = new HashSet<>();
        long lastToken;
        long lastSession;
    }

    final Hall hall;
    private final String prefix;

    Places(Hall hall, String prefix) {
        this.hall = hall;
        this.prefix = prefix;
    }

    /** A fault of a line. */
    static Supplier<Fault> broken(BiFunction<Hall, String, Places> line) {
        return () -> new Fault() {
            private final Hall hall = new Hall();

            @Override
            public LockBackend on(LockBackend sound) {
                throw new UnsupportedOperationException("it has a store of its own");
            }

            @Override
            public LockBackend open(LockConfig config, Link link) {
                return new LineBackend(line.apply(hall, BackendConfig.of(config).prefix()));
            }

            @Override
            public boolean isLinked() {
                return false;
            }

            @Override
            public void expireSession(String label) {
                Places eye = new Places(hall, "");
                eye.step(news -> {
                    List.copyOf(hall.sessions).stream()
                            .filter(session -> session.label().equals(label))
                            .forEach(session -> eye.ends(session, news));
                    return true;
                });
            }

            @Override
            public List<String> residue() {
                synchronized (hall) {
                    return List.copyOf(hall.lines.keySet());
                }
            }
        };
    }

    final String key(String name) {
        return prefix.length() + ":" + prefix + name;
    }

    /** One step: those whose leases are over go first; what is to be told is told after it, under no lock. */
    final <T> T step(Function<List<Runnable>, T> body) {
        List<Runnable> news = new ArrayList<>();
        T answer;
        synchronized (hall) {
            before();
            for (PlacesSession session : List.copyOf(hall.sessions)) {
                if (!session.isAlive()) {
                    ends(session, news);
                    news.add(() -> session.events().lost("its lease ran out"));
                }
            }
            answer = body.apply(news);
        }
        news.forEach(Runnable::run);
        return answer;
    }

    /** A store that tidies up does it before each step. */
    void before() {}

    /** Ends a session and with it all that it has. */
    void ends(PlacesSession session, List<Runnable> news) {
        hall.sessions.remove(session);
        for (String key : List.copyOf(hall.lines.keySet())) {
            hall.lines.get(key).removeIf(place -> place.session == session);
            settle(key, news);
        }
    }

    /** Whose turn it is holds, and is told. */
    final void settle(String key, List<Runnable> news) {
        List<Place> line = hall.lines.get(key);
        if (line == null) {
            return;
        }
        if (line.isEmpty()) {
            hall.lines.remove(key);
            return;
        }
        Place first = line.get(0);
        if (first.token == 0) {
            first.token = ++hall.lastToken;
            news.add(() -> first.session.events().woken(first.ticket));
        }
    }

    boolean remove(Place place, List<Runnable> news) {
        String key = key(place.ticket.name());
        boolean removed = hall.lines.getOrDefault(key, List.of()).remove(place);
        settle(key, news);
        return removed;
    }

    /** Whether who gives up a grant in the step of its entry takes a place. */
    boolean admits(boolean released) {
        return true;
    }

    /** Whether a request is taken for a copy of one that has come before. */
    boolean isCopy(PlacesSession session, Ticket ticket, boolean known) {
        return known;
    }

    /** Whether a try of a name that has no line is let in. */
    boolean isFree(Ticket ticket) {
        return true;
    }

    /** Whether a renewal says that it has kept a session before it looks whether there is one. */
    boolean keepsUnseen() {
        return false;
    }

    /** The place that is given up; null when there is none. */
    Place leaving(PlacesSession session, Ticket ticket) {
        return session.place(ticket);
    }

    /** An undo in the store. */
    void undo(PlacesSession session, Ticket ticket, List<Runnable> news) {
        Place place = session.place(ticket);
        if (place != null) {
            remove(place, news);
        }
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(LeaseScope.SESSION)
                .queues(true)
                .sharedAcrossProcesses(false)
                .build();
    }

    @Override
    public String store() {
        return "places:";
    }

    @Override
    public CompletionStage<? extends LineSession> open(SessionOptions options, LineEvents events) {
        return CompletableFuture.<LineSession>completedFuture(step(news -> {
            PlacesSession session = new PlacesSession(this, options, events, "s" + ++hall.lastSession);
            hall.sessions.add(session);
            return session;
        }));
    }

    @Override
    public Inquiries inquiries() {
        return this;
    }

    private static StoredLock shown(List<Place> line) {
        Place first = line.get(0);
        return new StoredLock(first.ticket.name(), first.token, first.session.label(), first.since, line.size());
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name, LockRuntime limits) {
        return CompletableFuture.completedFuture(step(news -> {
            List<Place> line = hall.lines.get(key(name));
            return line == null ? StoredLock.free(name, 0) : shown(line);
        }));
    }

    @Override
    public CompletionStage<List<StoredLock>> list(LockRuntime limits) {
        return CompletableFuture.completedFuture(step(news -> hall.lines.entrySet().stream()
                .filter(line -> line.getKey().startsWith(key("")))
                .map(line -> shown(line.getValue()))
                .toList()));
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken, LockRuntime limits) {
        return CompletableFuture.completedFuture(step(news -> {
            List<Place> line = hall.lines.get(key(name));
            if (line == null) {
                return ForceOutcome.NOT_HELD;
            }
            Place first = line.get(0);
            if (storeToken.isPresent() && storeToken.getAsLong() != first.token) {
                return ForceOutcome.MOVED_ON;
            }
            remove(first, news);
            news.add(() -> first.session.events().gone(first.ticket, first.token, "it was released by force"));
            return ForceOutcome.RELEASED;
        }));
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose(LockRuntime limits) {
        return CompletableFuture.completedFuture(List.of(StoreFinding.ok("reach", "this JVM")));
    }

    @Override
    public void close() {}
}
