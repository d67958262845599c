// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Faults in a fixed order at fixed times: written by hand, or drawn from a seed. Immutable; print it to see what ran.
 *
 * <p>{@link TcpProxy#play(FaultScript)} runs it.
 */
public final class FaultScript {
    private final List<Step> steps;

    private FaultScript(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /**
     * A script of no steps, to add to.
     *
     * @return the empty script
     */
    public static FaultScript empty() {
        return new FaultScript(List.of());
    }

    /**
     * This script and one step more.
     *
     * @param at when, counted from the start of the script; zero or more, and not before the step before it
     * @param fault what happens
     * @return the longer script
     * @throws IllegalArgumentException if the time is negative or before that of the last step
     */
    public FaultScript then(Duration at, Fault fault) {
        Duration last =
                steps.isEmpty() ? Duration.ZERO : steps.get(steps.size() - 1).at();
        if (at.compareTo(last) < 0) {
            throw new IllegalArgumentException("a step at " + at + " cannot follow one at " + last);
        }
        List<Step> longer = new ArrayList<>(steps);
        longer.add(new Step(at, fault));
        return new FaultScript(longer);
    }

    /**
     * A script drawn from a seed: faults, each healed before the next, and after the last one. The same arguments give the
     * same script.
     *
     * @param seed the seed
     * @param length how long it lasts; positive
     * @param mean the mean time of a fault, and of the quiet after it; positive
     * @param faults what to draw from; at least one
     * @return the script
     * @throws IllegalArgumentException if a duration is not positive or no fault is given
     */
    public static FaultScript seeded(long seed, Duration length, Duration mean, List<Fault> faults) {
        if (!isPositive(length) || !isPositive(mean) || faults.isEmpty()) {
            throw new IllegalArgumentException("a script needs a length, a mean and a fault: " + length + ", " + mean);
        }
        Random random = new Random(seed);
        FaultScript script = empty();
        Duration at = draw(random, mean);
        while (at.compareTo(length) < 0) {
            script = script.then(at, faults.get(random.nextInt(faults.size())));
            Duration healed = at.plus(draw(random, mean));
            script = script.then(healed.compareTo(length) < 0 ? healed : length, Fault.HEAL);
            at = healed.plus(draw(random, mean));
        }
        return script;
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    /** Half the mean to one and a half times the mean: no fault is too short to be felt. */
    private static Duration draw(Random random, Duration mean) {
        return Duration.ofNanos((long) (mean.toNanos() * (0.5 + random.nextDouble())));
    }

    /**
     * The steps in their order.
     *
     * @return an unmodifiable list
     */
    public List<Step> steps() {
        return steps;
    }

    @Override
    public String toString() {
        return steps.stream()
                .map(step -> step.at().toMillis() + " ms: " + step.fault().name())
                .collect(Collectors.joining("; ", "[", "]"));
    }

    /**
     * A fault at a time.
     *
     * @param at counted from the start of the script
     * @param fault what happens then
     */
    public record Step(Duration at, Fault fault) {}
}
