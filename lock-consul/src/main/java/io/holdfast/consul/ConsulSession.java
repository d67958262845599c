// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockUnavailableException;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Entry;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LineSession;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A session of Consul's: it ends when it is not renewed for its time, or with its node. What it has locked, contenders and its own
 * key, stays then, and is removed by whoever meets it ({@link Deaths}, {@link Sweep}). Calls that ask Consul block for it.
 */
final class ConsulSession implements LineSession {
    /** Contends on their way at a time: fewer than there are connections, which releases need, too. */
    private static final int CONTENDS = Transport.FOR_REQUESTS - 3;

    private final ConsulLine consul;
    private final SessionOptions options;
    private final LineEvents events;
    private final String id;
    private final long openedAt;
    private final OwnKeys own;
    private final Lanes lanes;
    private final Heartbeat heartbeat = new Heartbeat(this);
    private final Admission admission;
    private final Slots slots = new Slots();
    private final Undoing undoing = new Undoing(this);
    private final Map<Ticket, ConsulContender> contenders = new ConcurrentHashMap<>();
    private final Mark.Life life;
    private final Sweep sweep = new Sweep(this);

    /**
     * A session that Consul has made.
     *
     * @param consul whose it is
     * @param options lease, label, time
     * @param events where its end is told
     * @param made what Consul has said
     */
    ConsulSession(ConsulLine consul, SessionOptions options, LineEvents events, Made made) {
        this.consul = consul;
        this.options = options;
        this.events = events;
        this.id = made.born().id();
        this.life = made.born().life();
        this.openedAt = made.begun();
        this.own = new OwnKeys(this, consul.keys(), made);
        this.lanes = new Lanes(consul.keys(), id);
        this.admission = new Admission(CONTENDS, options.runtime());
        if (made.foundDead()) {
            sweep.begin();
        }
    }

    /**
     * What opening it has brought.
     *
     * @param born what Consul has made
     * @param begun monotonic time before the request
     * @param index of the session's own keys
     * @param foundDead whether others have died and left something
     */
    record Made(Opening.Born born, long begun, long index, boolean foundDead) {}

    @Override
    public String id() {
        return id;
    }

    @Override
    public Duration lease() {
        return options.lease();
    }

    /** Opening and renewing restart a session's time in Consul; locking, reading and waiting do not. */
    @Override
    public long openedAt() {
        return openedAt;
    }

    // ---- contending

    /** Sends the request on the caller's thread, which waits for the answer; later, on another one, when many are on their way. */
    @Override
    public CompletionStage<Entry> enter(
            Ticket ticket, boolean enqueue, @Nullable Held releasing, CompletionStage<?> unwanted) {
        ConsulContender contender = new ConsulContender(this, ticket);
        contenders.put(ticket, contender);
        unwanted.thenRun(contender::unwanted);
        // One that is not there any more has nothing to give up.
        ConsulContender given = releasing == null ? null : contenders.get(releasing.ticket());
        Entrance entrance = new Entrance(this, contender, enqueue, given);
        admission.admit(entrance);
        return entrance.answer();
    }

    /** What a contender of now says of itself. */
    String mark() {
        return new Mark(options.runtime().clock().wallMillis(), lease(), life, options.label()).text();
    }

    /** A transaction that may have given something up was done. */
    void gaveUp(Txn.Outcome outcome, @Nullable ConsulContender given) {
        own.gaveUp(outcome);
        if (given != null) {
            forget(given);
        }
    }

    /** A contender's turn has come, says a consistent answer. */
    void first(ConsulContender contender, KeyEntry made) {
        if (contender.isFirstNow()) {
            events.granted(contender.ticket(), made.created());
        }
    }

    /** A contender's key was found to be gone, past a renewal that is answered. */
    void gone(ConsulContender contender) {
        KeyEntry made = contender.own();
        forget(contender);
        if (made != null) {
            events.gone(contender.ticket(), made.created(), "its key was deleted from Consul");
        }
    }

    @Override
    public void watch(Ticket ticket, Seat seen) {
        ConsulContender contender = contenders.get(ticket);
        if (contender != null) {
            contender.watched(true);
            waitFor(contender);
        }
    }

    @Override
    public void unwatch(Ticket ticket) {
        ConsulContender contender = contenders.get(ticket);
        if (contender != null) {
            unwatch(contender);
        }
    }

    private void unwatch(ConsulContender contender) {
        contender.watched(false);
        consul.waits().end(contender);
    }

    Line line(String name, Asker asker) {
        String start = keys().line(name);
        return Line.of(agent().entries(start, "look", asker), start);
    }

    /** A line as {@link #line} has shown it, without the dead before a place. */
    Line cleared(Line line, int place, String name, Asker asker) {
        if (!line.hasDeadBefore(place)) {
            return line;
        }
        try {
            return deaths().cleared(line, place, name, lease(), asker);
        } finally {
            sweep.begin(); // who died had other names, too; afterwards, so that it finds that this one is done with
        }
    }

    // ---- giving back

    @Override
    public CompletionStage<Boolean> release(Held held) {
        return consul.answered(() -> isRemoved(contenders.get(held.ticket())));
    }

    private boolean isRemoved(@Nullable ConsulContender contender) {
        KeyEntry made = contender == null ? null : contender.own();
        boolean was = made != null && own.remove(made, asker());
        if (contender != null) {
            forget(contender);
        }
        return was;
    }

    /** Not on the thread that asked: its owner has given up, and is let go. */
    @Override
    public CompletionStage<?> leave(Ticket ticket, long token) {
        ConsulContender contender = contenders.get(ticket);
        return CompletableFuture.supplyAsync(
                () -> isRemoved(contender), options.runtime().executor());
    }

    @Override
    public CompletionStage<?> undo(Ticket ticket) {
        ConsulContender contender = contenders.get(ticket);
        OwnKey lane = contender == null ? null : contender.lane();
        return contender == null || lane == null
                ? leave(ticket, 0) // its key is known
                : undoing.undo(contender.key().orElseThrow(), lane).thenRun(() -> forget(contender));
    }

    /** It is not in Consul, and nothing of it will come. */
    void forget(ConsulContender contender) {
        unwatch(contender);
        if (contenders.remove(contender.ticket(), contender)) {
            contender.over();
        }
    }

    Lanes lanes() {
        return lanes;
    }

    OwnKeys own() {
        return own;
    }

    /** Whether a refusal means that the session has ended; tells the engine. */
    boolean isDead(Txn.Outcome outcome) {
        boolean dead = outcome.says(OwnKeys.ENDED);
        if (dead) {
            lost("Consul has ended the session");
        }
        return dead;
    }

    void lost(String why) {
        events.lost(why);
    }

    // ---- renewal

    /** A renewal and a look at the session and some dozens of its contenders, then one request more for every few dozen others. */
    @Override
    public CompletionStage<Map<Ticket, Seat>> renew(List<Ticket> tickets) {
        return consul.answered(() -> heartbeat.round(
                tickets.stream().map(contenders::get).filter(Objects::nonNull).toList()));
    }

    /** A renewal sent at a time was acknowledged. */
    void renewed(long sentAt) {
        events.kept(sentAt);
        sweep.goOn();
        consul.unclosed().goOn(options.runtime());
        consul.failedOpenings().goOn(options.runtime());
    }

    // ---- the end

    /** Takes away what is the session's, and ends it: Consul's own end of it would leave the keys. */
    @Override
    public CompletionStage<?> end() {
        return consul.answered(() -> {
            try {
                end(options.runtime());
                return true;
            } catch (RuntimeException | Error e) {
                consul.unclosed().left(this);
                throw e;
            }
        });
    }

    /**
     * Asks for the end. Idempotent.
     *
     * @param by whose time limits the requests: the session's own client may be closed
     */
    void end(LockRuntime by) {
        Call call = new Call();
        sweep.finish(agent().asker(by, call).limit());
        try {
            end(() -> agent().asker(by, call));
        } catch (LockUnavailableException e) {
            // A server without a leader is the answer to one copy, of one step: the end as a whole
            // may yet be, or be in part (rule CL-1). Where nobody was reached, nobody is waited for.
            throw call.reached() > 0 ? failures().undecided(e) : e;
        }
        consul.unclosed().ended(this);
        consul.failedOpenings().clear(agent().asker(by));
    }

    private void end(Supplier<Asker> asking) {
        List<String> all = new ArrayList<>();
        contenders.values().forEach(one -> one.key().ifPresent(all::add));
        all.addAll(lanes.keys());
        own.clear(all, asking);
        consul.opening().destroy(id, asking.get());
        own.clearAgain(asking.get());
    }

    @Override
    public void detach() {
        contenders.values().forEach(this::unwatch);
    }

    // ---- what its parts need

    /** Has its turn waited for; again, where the watch found no thread. */
    void waitFor(ConsulContender contender) {
        consul.waits().begin(contender);
    }

    Asker asker() {
        return agent().asker(options.runtime());
    }

    void execute(Runnable task) {
        options.runtime().executor().execute(task);
    }

    SessionOptions options() {
        return options;
    }

    Agent agent() {
        return consul.agent();
    }

    Failures failures() {
        return consul.failures();
    }

    LockKeys keys() {
        return consul.keys();
    }

    Survey survey() {
        return consul.survey();
    }

    Deaths deaths() {
        return consul.deaths();
    }

    Slots slots() {
        return slots;
    }

    @Override
    public String toString() {
        return id + " (" + options.label() + ")";
    }
}
