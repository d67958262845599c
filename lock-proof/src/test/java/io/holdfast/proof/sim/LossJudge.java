// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import io.holdfast.proof.sim.StoreWitness.Cause;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Judges how the end of a hold is told, and that it does not end without a reason: rules LO-2, LO-3, LO-5, KE-1, KE-2. */
final class LossJudge {
    private static final long ANNOUNCED_WITHIN = 55 * SimSettings.MILLI;

    private final Judges judges;
    private final Map<String, Integer> announced = new HashMap<>();
    private final Set<String> released = new HashSet<>();
    private final Set<SimClient> closing = new HashSet<>();

    LossJudge(Judges judges) {
        this.judges = judges;
    }

    void began(SimHold h) {
        h.handle.onLost(loss -> told(h, loss));
        followDeadline(h);
    }

    private void told(SimHold h, LockLoss loss) {
        h.lossesTold++;
        if (h.lossesTold > 1) {
            judges.fail("LO-3", "a loss was told twice: " + h);
        }
        judges.lost(h, loss);
        justified(h, loss);
    }

    /** Rule KE-1: whose process ran, and whose store answered, loses nothing. */
    private void justified(SimHold h, LockLoss loss) {
        SimClient c = h.client();
        long quiet = 2 * judges.settings().takeover();
        if (!h.limited && loss.reason().contains("maximum")) {
            judges.fail("RE-9", "ended by a maximum that its first level did not ask for: " + h);
        }
        if (!h.limited
                && !judges.line().isForced(h.name(), h.storeToken())
                && !closing.contains(c)
                && judges.weather().calmFor(c.node().index(), quiet)
                && judges.world().now() > quiet) {
            judges.fail("KE-1", "lost without a fault: " + h + ": " + loss.reason());
        }
    }

    /** Looks 50 ms after the deadline as it is now, again when it has moved. */
    private void followDeadline(SimHold h) {
        SimNode node = h.client().node();
        long left = node.trueDelay(h.handle.remainingLease().toNanos());
        judges.world().at(judges.world().now() + left + ANNOUNCED_WITHIN, "deadline of a hold", () -> atDeadline(h));
    }

    private void atDeadline(SimHold h) {
        if (h.isEnded()) {
            return;
        }
        SimNode node = h.client().node();
        boolean valid = judges.holds().isValid(h);
        if (!node.isRunning() || judges.world().now() - node.lastResumed() < ANNOUNCED_WITHIN) {
            judges.world().at(judges.world().now() + ANNOUNCED_WITHIN, "deadline of a hold", () -> atDeadline(h));
        } else if (valid) {
            followDeadline(h);
        } else {
            judges.fail("LO-2", "its deadline passed 50 ms ago and nobody was told: " + h);
        }
    }

    /** A hold's deletion by somebody else ends it within one renewal round. */
    void removed(SimTicket t, Cause cause) {
        if (cause != Cause.FORCED) {
            return;
        }
        long round = judges.settings().lease() / 3 + SimSettings.SECOND;
        for (SimHold h : judges.holds().open(t.name)) {
            if (h.storeToken() == t.token) {
                judges.world().at(judges.world().now() + round, "end of a forced hold", () -> {
                    int client = h.client().node().index();
                    boolean undisturbed = judges.weather().calmFor(client, round);
                    if (!h.isEnded() && undisturbed && h.handle.isValid()) {
                        judges.fail("LO-5", "deleted in the store a round ago, and still valid: " + h);
                    }
                });
            }
        }
    }

    void released(SimHold h, ReleaseOutcome outcome, Throwable failure) {
        if (failure != null) {
            judges.fail("ER-2", "a release threw " + failure + ": " + h);
        }
        if (outcome == ReleaseOutcome.RELEASED) {
            released.add(key(h.client(), h.name(), h.token));
            once(h.client(), h.name(), h.token);
        }
    }

    void announced(SimClient c, LockLoss loss) {
        announced.merge(key(c, loss.name(), loss.fencingToken()), 1, Integer::sum);
        once(c, loss.name(), loss.fencingToken());
    }

    private void once(SimClient c, String name, long token) {
        String key = key(c, name, token);
        int times = announced.getOrDefault(key, 0);
        if (times > 1 || (times == 1 && released.contains(key))) {
            judges.fail(
                    "LO-3",
                    "told as lost " + times + " times" + (released.contains(key) ? ", and released: " : ": ") + key);
        }
    }

    void closing(SimClient c) {
        closing.add(c);
    }

    private static String key(SimClient c, String name, long token) {
        return c.node() + "/" + c.node().incarnation() + " " + name + " " + token;
    }
}
