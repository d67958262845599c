// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;

/** All who judge a run by the rules of docs/SPEC.md, and what they share. They see everything and change nothing. */
final class Judges implements StoreWitness {
    private final SimWorld world;
    private final SimSettings settings;
    private final Weather weather;
    private final boolean exclusive;
    private final HoldJudge holds;
    private final LossJudge losses;
    private final LineJudge line;
    private final WaitJudge waits;
    private final OwnerJudge owners;

    /**
     * @param exclusive whether the store keeps its leases in this run, so that two valid holds must never meet
     */
    Judges(SimWorld world, SimSettings settings, Weather weather, boolean exclusive) {
        this.world = world;
        this.settings = settings;
        this.weather = weather;
        this.exclusive = exclusive;
        this.line = new LineJudge(this);
        this.holds = new HoldJudge(this);
        this.losses = new LossJudge(this);
        this.waits = new WaitJudge(this);
        this.owners = new OwnerJudge(this);
        world.afterEach(holds::look);
    }

    SimWorld world() {
        return world;
    }

    SimSettings settings() {
        return settings;
    }

    Weather weather() {
        return weather;
    }

    boolean isExclusive() {
        return exclusive;
    }

    HoldJudge holds() {
        return holds;
    }

    LineJudge line() {
        return line;
    }

    WaitJudge waits() {
        return waits;
    }

    OwnerJudge owners() {
        return owners;
    }

    void fail(String rule, String what) {
        world.fail(rule, what);
    }

    // ---- what workers do ----

    void opened(SimClient client) {
        note(client, "opened");
    }

    void asked(SimRequest request) {
        request.floor = holds.highestEnded(request.name);
        waits.asked(request);
    }

    void refused(SimRequest request, Throwable failure) {
        if (world.isTracing()) {
            note(request.client, "refused: " + request + ": " + failure);
        }
        waits.refused(request, failure);
    }

    void began(SimHold hold) {
        if (world.isTracing()) {
            note(hold.client(), "began: " + hold + ", valid for " + hold.handle.remainingLease());
        }
        waits.began(hold);
        holds.began(hold);
        losses.began(hold);
    }

    void releasing(SimHold hold) {
        note(hold.client(), "releases " + hold.name());
        boolean ended = hold.isEnded();
        hold.releaseAsked = true;
        if (ended) {
            return; // lost before
        }
        holds.ended(hold);
        long held = hold.client().node().nanoTime() - hold.beganAtLocal;
        long left = Math.max(0, hold.minimumNanos - held);
        waits.idle(hold, left * 102 / 100);
        waits.keeps(hold, left);
    }

    void released(SimHold hold, ReleaseOutcome outcome, Throwable failure) {
        if (world.isTracing()) {
            note(hold.client(), "released: " + hold + ": " + (failure == null ? outcome : failure));
        }
        losses.released(hold, outcome, failure);
    }

    void lost(SimHold hold, LockLoss loss) {
        if (world.isTracing()) {
            note(hold.client(), "lost: " + hold + ": " + loss.reason());
        }
        holds.ended(hold);
        waits.idle(hold, 0);
    }

    void announcedLost(SimClient client, LockLoss loss) {
        losses.announced(client, loss);
    }

    void closing(SimClient client) {
        note(client, "closes");
        waits.closing(client);
        losses.closing(client);
    }

    void closed(SimClient client, Throwable failure) {
        waits.closed(client, failure);
    }

    private void note(SimClient client, String what) {
        if (world.isTracing()) {
            world.note(client.node() + " * " + what);
        }
    }

    // ---- what the store and the backends do ----

    @Override
    public void placed(SimTicket ticket) {
        line.placed(ticket);
    }

    @Override
    public void first(SimTicket ticket) {
        if (world.isTracing()) {
            world.note("store * first is " + ticket);
        }
        line.first(ticket);
    }

    @Override
    public void removed(SimTicket removed, Cause cause, SimTicket by) {
        if (world.isTracing()) {
            world.note("store * removed " + removed + ": " + cause);
        }
        line.removed(removed, cause, by);
        holds.removed(removed, cause);
        losses.removed(removed, cause);
    }

    @Override
    public void returned(SimTicket ticket) {
        line.returned(ticket);
    }

    @Override
    public void sent(SimTicket ticket, JudgedSession session) {
        if (world.isTracing()) {
            world.note(ticket.process + " * contends as " + ticket);
        }
        line.sent(ticket, session);
    }

    @Override
    public void withdrawConfirmed(SimTicket ticket) {
        if (world.isTracing()) {
            world.note(ticket.process + " * withdrawn: " + ticket);
        }
        ticket.withdrawConfirmedAt = world.now();
    }
}
