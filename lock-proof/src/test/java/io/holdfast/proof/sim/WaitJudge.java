// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.FencingRegressionException;
import io.holdfast.LockClosedException;
import io.holdfast.LockTimeoutException;
import io.holdfast.LockUnavailableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;

/** Judges waiting: rules WA-1, WA-3, WA-4, WA-6, WA-7, WA-12, UO-1, OR-2, CR-1, CL-1, CL-2, ER-2. */
final class WaitJudge {
    private static final long PROMPT = 600 * SimSettings.MILLI;

    /** Longer than a client in calm takes from a grant to the owner's first step, in nanoseconds. */
    private static final long DELIVERY = 1_000_000;

    private final Judges judges;
    private final SimWorld world;
    private final Map<String, Set<SimRequest>> requests = new HashMap<>();
    private final Map<String, Long> idleSince = new HashMap<>();
    /** Until when a client keeps for its minimum hold what it released, also when the store has taken it away. */
    private final Map<Keeper, Long> keptUntil = new HashMap<>();

    private final Map<String, Minimum> minimums = new HashMap<>();

    private final Map<String, Integer> begun = new HashMap<>();
    private final Set<SimClient> closing = new HashSet<>();
    private final Set<SimClient> closed = new HashSet<>();
    private long answered;

    private record Keeper(SimClient client, String name) {}

    private record Minimum(long until, SimClient by) {}

    WaitJudge(Judges judges) {
        this.judges = judges;
        this.world = judges.world();
    }

    /** How many acquisitions have been answered. */
    long answered() {
        return answered;
    }

    List<SimRequest> waiting() {
        List<SimRequest> all = new ArrayList<>();
        requests.values()
                .forEach(set -> set.stream().filter(SimRequest::isWaiting).forEach(all::add));
        return all;
    }

    private Set<SimRequest> requests(String name) {
        Set<SimRequest> set = requests.computeIfAbsent(name, n -> new LinkedHashSet<>());
        set.removeIf(r -> !r.isWaiting());
        return set;
    }

    void asked(SimRequest r) {
        requests(r.name).add(r);
        if (r.limit.isPresent()) {
            // A wait whose limit is shorter than an operation timeout
            // may take that long for its one answer (rule WA-12).
            long longest = Math.max(r.limit.get(), judges.settings().operationTimeout());
            world.at(
                    world.now() + r.client.node().trueDelay(longest) + PROMPT,
                    "limit of a wait",
                    () -> mustHaveEnded(r));
            world.at(
                    world.now() + r.client.node().trueDelay(r.limit.get()) + PROMPT,
                    "limit of a wait in calm",
                    () -> mustHaveEndedInCalm(r));
        }
    }

    /** A store that nothing disturbs says what it has to say in a moment: what still waits stands in a line. */
    private void mustHaveEndedInCalm(SimRequest r) {
        long quiet = 2 * judges.settings().takeover() + r.elapsed();
        if (r.isWaiting() && judges.weather().calmFor(r.client.node().index(), quiet)) {
            judges.fail(r.isTry ? "WA-4" : "WA-12", "waits for longer than it wanted to, in calm: " + r);
        }
    }

    private void mustHaveEnded(SimRequest r) {
        if (!r.isWaiting()) {
            return;
        }
        SimNode node = r.client.node();
        if (!node.isRunning() || world.now() - node.lastResumed() < SimSettings.SECOND) {
            world.at(world.now() + SimSettings.SECOND, "limit of a wait", () -> mustHaveEnded(r));
        } else {
            judges.fail("WA-3", "still waits after its limit and the time for an answer: " + r);
        }
    }

    void refused(SimRequest r, Throwable failure) {
        answered++;
        Throwable why = failure instanceof CompletionException ? failure.getCause() : failure;
        boolean tooEarly = r.limit.isPresent() && !r.isTry && r.elapsed() < r.limit.get();
        if (why instanceof LockTimeoutException) {
            if (tooEarly || r.limit.isEmpty()) {
                judges.fail("WA-1", "refused before its limit: " + r);
            }
            if (r.isTry) {
                mustHaveBeenBusy(r);
            }
        } else if (why instanceof LockUnavailableException) {
            unavailable(r, tooEarly, why);
        } else if (why instanceof LockClosedException) {
            if (!closing.contains(r.client)) {
                judges.fail("CL-1", "closed, says the client, and is not: " + r);
            }
        } else if (!(why instanceof FencingRegressionException)
                || !judges.line().mayRegress(r.name)) {
            world.fail("ER-2", "an acquisition ended with an unexpected exception: " + r, why);
        }
    }

    private void unavailable(SimRequest r, boolean tooEarly, Throwable why) {
        if (tooEarly) {
            judges.fail("WA-6", "gave up before its limit: " + r + ": " + why.getMessage());
        }
        if (r.limit.isEmpty() && r.elapsed() < judges.settings().outageTimeout()) {
            judges.fail("WA-6", "gave up before outage-timeout: " + r + ": " + why.getMessage());
        }
        boolean longEnough = !r.isTry && r.limit.orElse(Long.MAX_VALUE) > 2 * SimSettings.SECOND;
        long quiet = 2 * judges.settings().takeover() + r.elapsed();
        // To the engine, a store client that throws is a store out of reach, until the next answer.
        boolean clientFailed = r.client.faults().renewalsBroken() > r.renewalsBroken;
        if (longEnough
                && !clientFailed
                && judges.weather().calmFor(r.client.node().index(), quiet)) {
            judges.fail("UO-1", "unreachable, in calm: " + r + ": " + why.getMessage());
        }
    }

    /** Busy means that somebody was in line for the name while it was asked for. */
    private void mustHaveBeenBusy(SimRequest r) {
        boolean othersHere = requests(r.name).stream().anyMatch(o -> o != r && o.client == r.client);
        boolean heldHere = judges.holds().open(r.name).stream().anyMatch(h -> h.client() == r.client);
        // A store whose clock was set forward has taken it away unseen, and may have given it to somebody else since.
        boolean keptHere = keptUntil.getOrDefault(new Keeper(r.client, r.name), 0L) >= r.askedAt;
        // What was forced open, or lost, its client believes in until it learns of it.
        boolean takenUnseen =
                judges.line().wasForcedWithin(r.name, judges.settings().lease());
        boolean wasFree = judges.line().wasFreeSince(r.name, r.askedAt) && !takenUnseen;
        if (wasFree && !othersHere && !heldHere && !keptHere) {
            judges.fail("UO-1", "busy, and nobody was in line: " + r);
        }
    }

    /** An owner that holds has one level more. */
    void reentered() {
        answered++;
    }

    void began(SimHold h) {
        answered++;
        tooEarly(h);
        begun.merge(h.name(), 1, Integer::sum);
        if (!h.request.isCurrent()) {
            return;
        }
        for (SimRequest other : requests(h.name())) {
            // All threads of an owner come to hold with the first of them (rule RE-8).
            boolean byItself = h.request.owner == null || !h.request.owner.isShared;
            boolean older = byItself && other.client == h.client() && other.askedAt < h.request.askedAt && !other.isTry;
            boolean over = other.limit.isPresent() && other.elapsed() > other.limit.get() - SimSettings.MILLI;
            if (older && !over && !h.request.isTry) {
                // Its own end may be on its way to it.
                world.in(h.client().node(), 5 * SimSettings.MILLI, "order", () -> {
                    if (other.isWaiting()) {
                        judges.fail("OR-2", "given to " + h.request + " before " + other);
                    }
                });
            }
        }
        idleSince.remove(h.name());
    }

    /** Rule WA-9. */
    private void tooEarly(SimHold h) {
        Minimum kept = minimums.get(h.name());
        if (kept != null
                && world.now() < kept.until
                && judges.isExclusive()
                && !judges.line().wasForcedWithin(h.name(), judges.settings().lease())
                && judges.weather()
                        .calmFor(kept.by.node().index(), 2 * judges.settings().takeover())) {
            judges.fail("WA-9", "given " + (kept.until - world.now()) / 1_000_000 + " ms before a minimum hold: " + h);
        }
    }

    /**
     * A hold was released, and its minimum goes on for so long, by the client's clock. It counts from the grant, of which its worker has
     * heard some tasks later: so much less is sure.
     */
    void keeps(SimHold hold, long left) {
        if (left > DELIVERY) {
            long sure = hold.client().node().trueDelay(left - DELIVERY) * 98 / 100;
            minimums.put(hold.name(), new Minimum(world.now() + sure, hold.client()));
        }
    }

    /** Whether somebody of a contender's client has waited since it got its place. */
    boolean waitsSince(SimTicket t) {
        for (SimRequest r : requests(t.name)) {
            boolean same = t.process.equals(r.client.node() + "/" + r.incarnation);
            if (same && !r.isTry && r.askedAt < t.acknowledgedAt && !r.limit.isPresent()) {
                long since = world.now() - t.sentAt + judges.settings().takeover();
                return judges.weather().calmFor(r.client.node().index(), since);
            }
        }
        return false;
    }

    /** Nobody holds a name any more, from some moment on: who waits must get it soon. */
    void idle(SimHold hold, long keptFor) {
        String name = hold.name();
        // A minimum hold may keep it meanwhile, whatever else ends.
        long since = Math.max(idleSince.getOrDefault(name, 0L), world.now() + keptFor);
        idleSince.put(name, since);
        keptUntil.merge(new Keeper(hold.client(), name), world.now() + keptFor, Math::max);
        if (!judges.holds().open(name).isEmpty()) {
            return; // handed on already
        }
        int round = begun.getOrDefault(name, 0);
        world.at(since + PROMPT, "wake-up", () -> {
            long quiet = 2 * judges.settings().takeover();
            boolean known =
                    !judges.line().wasForcedWithin(name, judges.settings().lease());
            boolean stillFree = begun.getOrDefault(name, 0) == round && someoneWaitsSince(name, since);
            if (known && stillFree && judges.weather().calmFor(quiet)) {
                judges.fail("WA-7", name + " was free for " + PROMPT / 1_000_000 + " ms beside " + requests(name));
            }
        });
    }

    /** Every few seconds: in calm, a free name goes to somebody within the takeover bound. */
    void look() {
        long bound = 2 * judges.settings().takeover() + 3 * judges.settings().operationTimeout();
        if (world.now() - judges.weather().calmSince() < bound) {
            return;
        }
        for (String name : requests.keySet()) {
            long since = world.now() - bound;
            boolean held = judges.holds().open(name).stream().anyMatch(h -> h.request.isCurrent());
            long idle = idleSince.getOrDefault(name, Long.MIN_VALUE);
            if (!held && idle < since && someoneWaitsSince(name, since)) {
                judges.fail("CR-1", name + " is free, and not given within the takeover bound to " + requests(name));
            }
        }
    }

    private boolean someoneWaitsSince(String name, long time) {
        return requests(name).stream()
                .anyMatch(r -> !r.isTry && r.askedAt < time && r.client.node().isRunning());
    }

    void closing(SimClient c) {
        closing.add(c);
        long bound = c.node().trueDelay(judges.settings().closeTimeout()) + PROMPT;
        world.at(world.now() + bound, "close", () -> {
            if (!closed.contains(c) && c.node().isRunning()) {
                judges.fail("CL-2", "not closed within close-timeout: " + c.node());
            }
        });
    }

    void closed(SimClient c, Throwable failure) {
        closed.add(c);
        if (failure != null) {
            world.fail("CL-1", "close failed: " + c.node(), failure);
        }
        for (SimRequest r : waiting()) {
            if (r.client == c) {
                world.in(c.node(), PROMPT, "waits after close", () -> {
                    if (r.isWaiting()) {
                        judges.fail("CL-1", "waits in a closed client: " + r);
                    }
                });
            }
        }
    }
}
