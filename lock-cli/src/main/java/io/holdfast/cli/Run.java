// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.LockNames;
import io.holdfast.LockOptions;
import io.holdfast.LockTimeoutException;
import io.holdfast.ReleaseOutcome;
import io.holdfast.spi.DurationFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One {@code holdfast run}: connects, acquires, has COMMAND supervised, releases.
 *
 * <p>All of it happens on the calling thread, which takes events from a loop: what others learn (a signal, a grant, a loss, the
 * end of COMMAND) they hand in there. So a signal never finds things half done: it comes before COMMAND is started, and then
 * COMMAND never is, or after, and then it is COMMAND's.
 */
final class Run {
    private final RunPlan plan;
    private final Supplier<LockClient> opener;
    private final Report report;
    private final EventLoop loop = new EventLoop();
    private final RunEvents events;

    private @Nullable String stop;
    private int stops;
    private @Nullable Supervision supervision;

    Run(RunPlan plan, Supplier<LockClient> opener, Report report) {
        this.plan = plan;
        this.opener = opener;
        this.report = report;
        this.events = new RunEvents(loop, report);
    }

    /** Does it, and returns the exit code. */
    int execute() throws InterruptedException {
        Signals signals =
                new Signals(name -> loop.post(() -> signalled(name)), "HUP", "INT", "TERM", "USR1", "USR2", "CONT");
        try {
            return connect();
        } catch (Stopped stopped) {
            report.say(
                    Report.Weight.DETAIL,
                    "stopped",
                    "stopped by " + stopped.signal() + ", nothing is held",
                    fields().with("signal", stopped.signal()));
            return ExitCode.ofSignal(Signals.number(stopped.signal()));
        } finally {
            signals.close();
        }
    }

    private void signalled(String name) {
        Supervision running = supervision;
        if (running != null) {
            running.signalled(name, System.nanoTime());
        } else if (name.equals("HUP") || name.equals("INT") || name.equals("TERM")) {
            stop = stop == null ? name : stop;
            stops++;
        }
    }

    private int connect() throws InterruptedException {
        CompletableFuture<LockClient> opening = inBackground("holdfast-open", opener);
        try {
            LockClient client = await(opening, EventLoop.Ticker.NONE);
            client.addListener(events);
            warnOfOwnStore(client);
            return acquire(client);
        } finally {
            close(opening);
        }
    }

    private void warnOfOwnStore(LockClient client) {
        if (!client.capabilities().sharedAcrossProcesses()) {
            report.say(
                    Report.Weight.NOTICE,
                    "warning",
                    "store " + client.store() + " is inside this process: the lock keeps no other process out; name a"
                            + " store that processes share, such as file:/var/lib/locks",
                    fields().with("store", client.store()));
        }
    }

    /** A client that is still being opened is closed too. A second signal waits for nothing. */
    private void close(CompletableFuture<LockClient> opening) throws InterruptedException {
        CompletableFuture<Void> closed = opening.handle((client, failure) -> client)
                .thenCompose(client -> inBackground("holdfast-close", () -> {
                    if (client != null) {
                        client.close();
                    }
                    return null;
                }));
        int before = stops;
        loop.runUntilDone(closed, () -> stops > before, EventLoop.Ticker.NONE);
    }

    private int acquire(LockClient client) throws InterruptedException {
        // Before the lock is asked for: a wrong setting is an error at once.
        Terms terms = Terms.of(plan, client);
        LockOptions options =
                plan.waitLimit().map(LockOptions.defaults()::waitLimit).orElse(LockOptions.defaults());
        CompletableFuture<LockHandle> acquiring =
                client.acquireAsync(plan.name(), options).toCompletableFuture();
        LockHandle hold;
        try (WaitLine line = new WaitLine(loop, report, client, plan.name())) {
            hold = await(acquiring, line);
        } catch (Stopped stopped) {
            // One that has not been granted is withdrawn by this; a grant that raced in goes back.
            if (!acquiring.cancel(true) && !acquiring.isCompletedExceptionally()) {
                release(acquiring.join());
            }
            throw stopped;
        } catch (LockTimeoutException timeout) {
            return busy(client);
        }
        int status;
        try {
            loop.drain();
            if (stop != null) {
                throw new Stopped(stop);
            }
            status = supervise(client, hold, terms);
        } catch (RuntimeException | InterruptedException failure) {
            release(hold);
            throw failure;
        }
        // Work under a lock that was lost is not reported as done (rule LO-7).
        return release(hold) || status != 0 ? status : ExitCode.LOST;
    }

    private int supervise(LockClient client, LockHandle hold, Terms terms) throws InterruptedException {
        long granted = System.nanoTime();
        report.say(
                Report.Weight.DETAIL,
                "acquired",
                "holding lock " + quoted() + ", token " + hold.fencingToken(),
                fields().with("store", client.store()).withToken(hold.fencingToken()));
        HoldDeadline deadline = new HoldDeadline(hold, terms.leased());
        try (GuardedCommand command = GuardedCommand.start(
                plan.command(),
                plan.environmentUnder(client, hold),
                deadline.asUptime(),
                LastWords.of(report, plan.name()))) {
            report.say(
                    Report.Weight.DETAIL,
                    "started",
                    "started the command as process " + command.pid(),
                    fields().with("pid", command.pid()));
            Supervision running = new Supervision(terms, hold, command, report, granted);
            supervision = running;
            events.onRenewal(() -> command.deadline(deadline.asUptime()));
            hold.onLost(loss -> loop.post(() -> running.lost(loss, System.nanoTime())));
            command.exit().thenAccept(status -> loop.post(() -> running.exited(status, System.nanoTime())));
            loop.run(running::isOver, running);
            return running.exitCode();
        } finally {
            events.offRenewal(); // the guard has gone: a renewal that comes late has nobody to tell
        }
    }

    /** @return false when the store had taken the lock away, and only the release brings it to light */
    private boolean release(LockHandle hold) {
        boolean believed = hold.isValid();
        ReleaseOutcome outcome = hold.release();
        if (believed && outcome == ReleaseOutcome.NOT_HELD) {
            report.say(
                    Report.Weight.ERROR,
                    "lost",
                    "lock " + quoted()
                            + " was lost while the command ran: the store no longer had it when it was released;"
                            + " another may have held it meanwhile",
                    fields().with("outcome", outcome));
            return false;
        }
        if (outcome == ReleaseOutcome.UNKNOWN) {
            report.say(
                    Report.Weight.NOTICE,
                    "warning",
                    "the store has not confirmed the release of lock " + quoted() + "; it is free within one lease",
                    fields());
        } else {
            report.say(
                    Report.Weight.DETAIL,
                    "released",
                    "lock " + quoted() + (outcome == ReleaseOutcome.RELEASED ? " released" : " was not held any more"),
                    fields().with("outcome", outcome));
        }
        return true;
    }

    private int busy(LockClient client) {
        Json fields = fields();
        String holder = "";
        try {
            LockInfo info = client.lock(plan.name()).inspect();
            fields.with("holder", info.holder()).with("since", info.since());
            holder = info.isHeld() ? ": " + LockText.holder(info) : "";
        } catch (LockException unreachable) {
            // That the lock was busy is known; who has it is only a courtesy.
            fields.with("holder", "unknown");
        }
        String within = plan.waitLimit()
                .filter(limit -> !limit.isZero())
                .map(limit -> " within " + DurationFormat.show(limit))
                .orElse("");
        report.say(Report.Weight.NOTICE, "busy", "lock " + quoted() + " was not free" + within + holder, fields);
        return plan.busyExitCode();
    }

    private Json fields() {
        return new Json().with("lock", plan.name());
    }

    private String quoted() {
        return "'" + LockNames.printable(plan.name()) + "'";
    }

    /** Waits for a stage while events run. */
    private <T> T await(CompletableFuture<T> stage, EventLoop.Ticker ticker) throws InterruptedException {
        loop.runUntilDone(stage, () -> stop != null, ticker);
        if (stop != null) {
            throw new Stopped(stop);
        }
        try {
            return stage.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private static <T extends @Nullable Object> CompletableFuture<T> inBackground(String name, Supplier<T> work) {
        CompletableFuture<T> stage = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        stage.complete(work.get());
                    } catch (RuntimeException | Error e) {
                        stage.completeExceptionally(e);
                    }
                },
                name);
        thread.setDaemon(true);
        // A backend of the user's own is found by the class loader of the thread.
        thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
        try {
            thread.start();
        } catch (
                OutOfMemoryError
                        noThread) { // a failure of this step: what comes after it, such as the close, has to come
            stage.completeExceptionally(noThread);
        }
        return stage;
    }

    /** A signal came while nothing was held. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String signal;

        Stopped(String signal) {
            super(signal, null, false, false);
            this.signal = signal;
        }

        String signal() {
            return signal;
        }
    }
}
