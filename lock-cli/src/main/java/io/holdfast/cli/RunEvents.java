// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockListener;
import io.holdfast.LockNames;

/** Hands what the client's listeners hear to the loop. Loss comes by the hold itself. */
final class RunEvents implements LockListener {
    private final EventLoop loop;
    private final Report report;

    /** Used on the loop only. */
    private Runnable renewal = () -> {};

    RunEvents(EventLoop loop, Report report) {
        this.loop = loop;
        this.report = report;
    }

    /** What to do on the loop whenever the hold was renewed, from now on; called on the loop. */
    void onRenewal(Runnable action) {
        renewal = action;
    }

    /** Nothing is to be done any more, for a renewal either that was heard of before and is still in the loop; called on the loop. */
    void offRenewal() {
        renewal = () -> {};
    }

    @Override
    public void contended(String name) {
        say("waiting", "waiting in line for lock '" + LockNames.printable(name) + "'", new Json().with("lock", name));
    }

    @Override
    public void renewed(String name, long fencingToken) {
        loop.post(this::renewed);
    }

    @Override
    public void suspect(String name, long fencingToken) {
        say("suspect", "the renewal of lock '" + LockNames.printable(name) + "' is overdue", held(name, fencingToken));
    }

    @Override
    public void safe(String name, long fencingToken) {
        loop.post(this::renewed);
        say("safe", "lock '" + LockNames.printable(name) + "' is renewed again", held(name, fencingToken));
    }

    private void renewed() {
        renewal.run();
    }

    private static Json held(String name, long fencingToken) {
        return new Json().with("lock", name).withToken(fencingToken);
    }

    private void say(String event, String line, Json fields) {
        loop.post(() -> report.say(Report.Weight.DETAIL, event, line, fields));
    }
}
