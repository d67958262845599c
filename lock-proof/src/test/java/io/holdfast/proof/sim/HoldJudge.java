// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.FencedGuard;
import io.holdfast.proof.sim.StoreWitness.Cause;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Judges mutual exclusion, tokens and hand-offs: rules ME-1 to ME-4, ME-6, FT-1, FT-3 to FT-5, OR-3. */
final class HoldJudge {
    private static final long GRAIN = SimSettings.MILLI;

    private final Judges judges;
    private final Map<String, List<SimHold>> open = new HashMap<>();
    private final Set<String> contested = new HashSet<>();
    private final Map<String, FencedGuard> guards = new HashMap<>();
    private final Map<String, Set<Long>> tokens = new HashMap<>();
    private final Map<String, Long> highestEnded = new HashMap<>();
    private final Map<String, Long> highestOfProcess = new HashMap<>();
    private final Map<String, Long> runBegan = new HashMap<>();

    HoldJudge(Judges judges) {
        this.judges = judges;
    }

    List<SimHold> open(String name) {
        return open.getOrDefault(name, List.of());
    }

    long highestEnded(String name) {
        return highestEnded.getOrDefault(name, 0L);
    }

    void began(SimHold h) {
        boolean valid = h.handle.isValid();
        h.forced = judges.line().isForced(h.name(), h.storeToken());
        open.computeIfAbsent(h.name(), n -> new ArrayList<>()).add(h);
        contest(h.name());
        tokens(h, valid);
        handOff(h);
        if (!valid) {
            h.seenInvalid = true;
        } else if (!h.limited) {
            enoughLease(h); // a maximum hold may leave less
        }
        look();
    }

    private void tokens(SimHold h, boolean valid) {
        if (h.token <= 0) {
            judges.fail("FT-3", "a token that is not positive: " + h);
        }
        String process = h.client().node() + "/" + h.request.incarnation + " " + h.name();
        long own = highestOfProcess.getOrDefault(process, 0L);
        if (h.token <= own) {
            judges.fail("FT-4", "a client accepted a token not above " + own + ", which it had seen: " + h);
        }
        highestOfProcess.put(process, h.token);
        if (judges.line().mayRegress(h.name()) || h.forced) {
            return; // by hand-off in a client that does not know yet; the guard refuses it
        }
        if (!tokens.computeIfAbsent(h.name(), n -> new HashSet<>()).add(h.token)) {
            judges.fail("FT-1", "two holds have one token: " + h);
        }
        if (h.token <= h.request.floor) {
            judges.fail("FT-1", "a hold with token " + h.request.floor + " had ended before this was asked for: " + h);
        }
        FencedGuard guard = guards.computeIfAbsent(h.name(), n -> new FencedGuard());
        if (valid && judges.isExclusive() && !h.forced && !guard.accepts(h.token)) {
            judges.fail("FT-1", "a valid hold is refused by the guard, which has seen " + guard.newest() + ": " + h);
        }
    }

    private void handOff(SimHold h) {
        String run = h.client().node() + "/" + h.request.incarnation + " " + h.name() + " " + h.storeToken();
        long now = h.client().node().nanoTime();
        if (h.handoff() == 0) {
            runBegan.put(run, now);
            return;
        }
        if (h.handoff() > judges.settings().handoffLimit()) {
            judges.fail("OR-3", "hand-off beyond the limit: " + h);
        }
        Long began = runBegan.get(run);
        boolean undisturbed = judges.weather()
                .calmFor(h.client().node().index(), judges.settings().lease());
        long slack = undisturbed ? 100 * SimSettings.MILLI : judges.settings().lease();
        if (began != null && now - began > judges.settings().lease() / 10 + slack) {
            judges.fail("OR-3", "a run of hand-offs goes on for " + (now - began) / GRAIN + " ms: " + h);
        }
    }

    /** The owner gets at least a third of the lease, unless its process was stopped or slow on the way to it. */
    private void enoughLease(SimHold h) {
        SimClient c = h.client();
        boolean straight = judges.world().now() - c.node().lastResumed()
                > judges.settings().lease();
        long third = judges.settings().lease() / 3 - judges.settings().lease() / 50;
        // ZooKeeper's renewal confirms the one before it.
        boolean provesAtOnce = judges.settings().personality() != Personality.ZOOKEEPER;
        long left = h.handle.remainingLease().toNanos();
        if (straight
                && provesAtOnce
                && left > 0
                && left < third - judges.settings().operationTimeout()) {
            judges.fail("ME-3", "given with " + left / GRAIN + " ms of lease left: " + h);
        }
    }

    void ended(SimHold h) {
        open(h.name()).remove(h);
        contest(h.name());
        highestEnded.merge(h.name(), h.token, Math::max);
        if (judges.isExclusive() && h.handle.isValid() && !h.releaseAsked) {
            judges.fail("LO-1", "valid while its loss is told: " + h);
        }
    }

    /** Its validity ends before the store hears of the release. */
    void releaseSent(SimHold h) {
        if (h.handle.isValid()) {
            judges.fail("ME-6", "valid after its release was sent: " + h);
        }
    }

    /** After every event: no two valid holds of a name, and none that comes back to life. */
    void look() {
        if (contested.isEmpty()) {
            return;
        }
        for (String name : List.copyOf(contested)) {
            SimHold first = null;
            for (SimHold h : List.copyOf(open(name))) {
                if (!h.request.isCurrent()) {
                    open(name).remove(h);
                    contest(name);
                } else if (isValid(h) && !h.forced) {
                    if (first != null && judges.isExclusive()) {
                        judges.fail("ME-1", "two valid holds: " + first + " and " + h);
                    }
                    first = h;
                }
            }
        }
    }

    /**
     * Asks as an application would. Asking may end a hold whose deadline has passed, so a stopped process is asked for every
     * second hold only: what the engine does when nobody has looked must be seen too.
     */
    boolean isValid(SimHold h) {
        if (h.askedRarely && !h.client().node().isRunning()) {
            return false;
        }
        boolean valid = h.handle.isValid();
        if (valid && h.seenInvalid) {
            judges.fail("ME-4", "valid again after it was not: " + h);
        }
        h.seenInvalid |= !valid;
        return valid;
    }

    private void contest(String name) {
        if (open(name).size() > 1) {
            contested.add(name);
        } else {
            contested.remove(name);
        }
    }

    /** The store has removed a contender: no hold of it may be valid now. */
    void removed(SimTicket t, Cause cause) {
        for (SimHold h : List.copyOf(open(t.name))) {
            if (h.storeToken() != t.token || !process(h).equals(t.process) || !h.request.isCurrent()) {
                continue;
            }
            if (cause == Cause.FORCED || cause == Cause.FORGOTTEN) {
                h.forced = true;
            } else if (judges.isExclusive() && !h.forced && isValid(h)) {
                boolean given = cause == Cause.RELEASED || cause == Cause.WITHDRAWN || cause == Cause.CLOSED;
                judges.fail(
                        given ? "ME-6" : "ME-2",
                        "the store ended it (" + cause + ") while it is valid for another "
                                + h.handle.remainingLease().toNanos() / GRAIN + " ms: " + h);
            }
        }
    }

    private static String process(SimHold h) {
        return h.client().node().name() + "/" + h.request.incarnation;
    }
}
