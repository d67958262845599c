// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.FencingRegressionException;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LeaseScope;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Pulse;
import io.holdfast.tck.internal.Scene;
import io.holdfast.tck.internal.Tap;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What the kits share: a test's clients and threads, and the words in which it judges.
 *
 * <p>All that a test opens through these methods is closed after it, and then the store and the JVM are looked at for leftovers.
 * Where JUnit runs tests in parallel, those of the kit run side by side, but for the ones that are {@link Alone}.
 */
@Execution(ExecutionMode.CONCURRENT)
abstract class Kit {
    /** Why nothing is said of an order over clients. */
    static final String NO_LINE = "the store keeps no line: no order over clients is claimed";

    private static final int TRIES = 3;

    private @Nullable Scene scene;

    /** Begins a test. */
    final void enter(Scene begun) {
        scene = begun;
    }

    final Scene scene() {
        return Objects.requireNonNull(scene, "a kit runs nested in a class that extends LockTck");
    }

    final TckTime time() {
        return scene().run().time();
    }

    final Duration lease() {
        return time().lease();
    }

    final Duration patience() {
        return time().patience();
    }

    final Capabilities capabilities() {
        return scene().run().capabilities();
    }

    final StoreFaults faults() {
        if (!scene().isAlone()) {
            throw new IllegalStateException("a test that harms the store, or the way there, is to be @Alone");
        }
        return scene().run().fixture().faults();
    }

    final String name() {
        return scene().name();
    }

    final LockClient client() throws Exception {
        return scene().client(null, UnaryOperator.identity());
    }

    final LockClient client(UnaryOperator<LockConfig> settings) throws Exception {
        return scene().client(null, settings);
    }

    final LockClient client(Tap tap) throws Exception {
        return scene().client(tap, UnaryOperator.identity());
    }

    final LockClient client(Tap tap, UnaryOperator<LockConfig> settings) throws Exception {
        return scene().client(tap, settings);
    }

    /** A client whose lease runs out while the test can wait for it. */
    final LockClient shortLived(Tap tap) throws Exception {
        return client(tap, config -> config.withLease(lease()));
    }

    /** Begins a call on a thread of its own. */
    final <T extends @Nullable Object> Call<T> begin(Callable<T> body) {
        return scene().begin(body);
    }

    /** The result of a call that must come within a bound. */
    final <T extends @Nullable Object> T result(String rule, Duration limit, String what, Call<T> call)
            throws Exception {
        try {
            return call.get(limit);
        } catch (TimeoutException e) {
            throw broken(rule, what + " had not come to an end after " + DurationFormat.show(limit), e);
        } catch (ExecutionException e) {
            throw judged(rule, what, e.getCause());
        }
    }

    /** A call's failure. A {@code RuleFailure} is thrown on: it names its own rule. */
    private static RuleFailure judged(String rule, String what, @Nullable Throwable cause) {
        if (cause instanceof RuleFailure judged) {
            return judged;
        }
        boolean token = cause instanceof FencingRegressionException;
        return broken(token ? "FT-1" : rule, what + " ended with " + cause, cause);
    }

    /** Plays a scene on a thread of its own, so that one that hangs fails the test; the thread is the owner of its locks. */
    final void play(String rule, String what, Callable<?> body) throws Exception {
        result(rule, patience().multipliedBy(2), what, begin(body));
    }

    /** A hold that must be had within patience. */
    final LockHandle hold(String rule, LockClient client, String name) throws Exception {
        return result(rule, patience(), "acquiring '" + name + "'", begin(() -> client.acquire(name)));
    }

    /** Another client must be given the lock at once: no lease of the kit's clients runs out in that time. */
    final LockHandle free(String rule, LockClient other, String name) throws Exception {
        return result(
                rule,
                patience(),
                "another client's acquiring of '" + name + "', which should be free,",
                begin(() -> other.acquire(name)));
    }

    /** What a call must throw within a bound. */
    final <X extends Throwable> X thrown(String rule, Class<X> type, String what, Call<?> call) throws Exception {
        try {
            Object value = call.get(patience());
            throw broken(rule, what + " returned " + value + " instead of throwing " + type.getSimpleName(), null);
        } catch (TimeoutException e) {
            throw broken(rule, what + " had not come to an end after " + DurationFormat.show(patience()), e);
        } catch (ExecutionException e) {
            if (type.isInstance(e.getCause())) {
                return type.cast(e.getCause());
            }
            throw broken(rule, what + " threw " + e.getCause() + " instead of " + type.getSimpleName(), e.getCause());
        }
    }

    /** What a call must throw; it is made on a thread of its own. */
    final <X extends Throwable> X throwing(String rule, Class<X> type, String what, Callable<?> body) throws Exception {
        return thrown(rule, type, what, begin(body));
    }

    /** What a call on this very thread must throw: for owners that are threads. */
    final <X extends Throwable> X throwingHere(String rule, Class<X> type, String what, Callable<?> body) {
        Object value;
        try {
            value = body.call();
        } catch (Throwable e) {
            if (type.isInstance(e)) {
                return type.cast(e);
            }
            throw broken(rule, what + " threw " + e + " instead of " + type.getSimpleName(), e);
        }
        throw broken(rule, what + " returned " + value + " instead of throwing " + type.getSimpleName(), null);
    }

    /** Judges: a rule is broken unless the condition holds. */
    final void check(String rule, boolean holds, Supplier<String> seen) {
        if (!holds) {
            throw broken(rule, seen.get(), null);
        }
    }

    /** Judges: the condition must come to hold within patience. */
    final void eventually(String rule, Callable<Boolean> condition, Supplier<String> seen) throws Exception {
        within(rule, patience(), condition, seen);
    }

    /** Judges: the condition must come to hold within a limit. */
    final void within(String rule, Duration limit, Callable<Boolean> condition, Supplier<String> seen)
            throws Exception {
        if (!Await.until(limit, condition)) {
            throw broken(rule, seen.get() + " (looked for " + DurationFormat.show(limit) + ")", null);
        }
    }

    /** A part of a test that judges. */
    interface Judging {
        void run() throws Exception;
    }

    /**
     * Judges what takes its time from the machine as much as from the store: what was seen while a thread that was due had to wait
     * longer than is tolerable is no verdict on the store, and none in its favour either.
     */
    final void onATimelyMachine(Duration tolerable, Judging part) throws Exception {
        onATimelyMachine(tolerable, Set.of(), part);
    }

    /** Of all rules where none is named. */
    final void onATimelyMachine(Duration tolerable, Set<String> excused, Judging part) throws Exception {
        try (Pulse pulse = new Pulse()) {
            try {
                part.run();
            } catch (RuleFailure seen) {
                Duration delay = pulse.longestDelay();
                boolean excusable =
                        excused.isEmpty() || excused.contains(seen.rule().id());
                if (!excusable || delay.compareTo(tolerable) <= 0) {
                    throw seen;
                }
                HarnessTrouble trouble = new HarnessTrouble("the machine kept a thread waiting for "
                        + DurationFormat.show(delay.truncatedTo(ChronoUnit.MILLIS)) + ", and that may be all of this: "
                        + seen.getMessage());
                trouble.addSuppressed(seen);
                throw trouble;
            }
        }
    }

    /**
     * Judges what holds with the short lease, which a client renews each third of it, may lose to the machine alone: that takes two
     * thirds of the lease with a renewal under way, in which a handful of threads act one after another. What was no verdict is
     * played once more, with clients and names of its own, so that a broken backend is found by the first time that was in time.
     *
     * @param excused the rules that a loss of such a hold seems to break; a failure of another one stands
     */
    final void whileRenewalsAreInTime(Set<String> excused, Judging part) throws Exception {
        for (int times = 1; ; times++) {
            try {
                onATimelyMachine(lease().dividedBy(10), excused, part);
                return;
            } catch (HarnessTrouble noVerdict) {
                if (times == TRIES) {
                    throw noVerdict;
                }
            }
        }
    }

    /** Judges: a call must still be waiting after a moment. */
    final void stays(String rule, Call<?> call, Supplier<String> seen) throws InterruptedException {
        Await.pass(time().moment());
        check(rule, !call.isDone(), seen);
    }

    /** Holder and waiters must come to be in the store; one that is polled has no more than the holder. */
    final void inLine(String rule, LockClient witness, String name, int contenders) throws Exception {
        int least = capabilities().queues() ? contenders : 1;
        eventually(
                rule,
                () -> witness.lock(name).inspect().contenders() >= least,
                () -> "the store shows no " + least + " contenders of '" + name + "'");
    }

    /** Whether an error's message has a part. */
    static boolean says(Throwable error, String part) {
        String message = error.getMessage();
        return message != null && message.contains(part);
    }

    static RuleFailure broken(String rule, String seen, @Nullable Throwable cause) {
        return new RuleFailure(RuleBook.spec().rule(rule), seen, cause);
    }

    /** Skips the test unless the backend claims what it is about. */
    static void claims(boolean claimed, String otherwise) {
        if (!claimed) {
            throw new NotClaimed(otherwise);
        }
    }

    /** Counts a rule that a test has shown beside those that it is about, if the backend claims it. */
    final void shows(String rule, boolean claimed, String otherwise) {
        if (claimed) {
            scene().run().tally().hold(List.of(rule));
        } else {
            scene().run().tally().note(rule, new NotClaimed(otherwise));
        }
    }

    /** Skips the test in a store without leases. */
    final void needsLease() {
        claims(
                capabilities().scope() != LeaseScope.NONE,
                "the store has no leases: a hold ends by its release or with its process");
    }
}
