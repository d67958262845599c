// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Capabilities;
import java.time.Duration;

/**
 * The durations of the kit, from one factor and from what the backend declares; immutable.
 *
 * <p>The factor is the system property {@code holdfast.tck.scale} (1 by default; 3 for a slow or busy machine). Upper bounds are
 * generous, because a busy machine is not a broken lock; lower bounds are exact, because nothing makes a lease run faster.
 */
public final class TckTime {
    /** The system property of the factor: a positive number. */
    public static final String SCALE_PROPERTY = "holdfast.tck.scale";

    private final double scale;
    private final Capabilities capabilities;

    /**
     * Durations by the property.
     *
     * @param capabilities what the backend declares
     * @throws IllegalArgumentException when the property is not a positive number
     */
    public TckTime(Capabilities capabilities) {
        this(scaleOf(System.getProperty(SCALE_PROPERTY, "1")), capabilities);
    }

    TckTime(double scale, Capabilities capabilities) {
        this.scale = scale;
        this.capabilities = capabilities;
    }

    private static double scaleOf(String text) {
        double scale = Double.parseDouble(text);
        if (!(scale > 0)) {
            throw new IllegalArgumentException(SCALE_PROPERTY + " is " + text + ", not a positive number");
        }
        return scale;
    }

    /**
     * The lease of tests in which one runs out: 1.5 s times the factor, or the nearest lease that the store serves.
     *
     * @return within the store's range, a multiple of its step
     */
    public Duration lease() {
        return served(scaled(1500));
    }

    /**
     * The lease of all other tests: so long that what should happen at once cannot be mistaken for a lease that ran out.
     *
     * @return 60 s times the factor, within the store's range, a multiple of its step
     */
    public Duration longLease() {
        return served(scaled(60_000));
    }

    private Duration served(Duration wanted) {
        if (wanted.compareTo(capabilities.minimumLease()) < 0) {
            return capabilities.minimumLease();
        }
        long step = capabilities.leaseStep().toNanos();
        Duration whole = Duration.ofNanos((wanted.toNanos() + step - 1) / step * step);
        return whole.compareTo(capabilities.maximumLease()) > 0 ? capabilities.maximumLease() : whole;
    }

    /**
     * The longest a step may take that needs nothing but the store's answer. It bounds from above only.
     *
     * @return 10 s times the factor
     */
    public Duration patience() {
        return scaled(10_000);
    }

    /**
     * How long to look on when the test is that nothing happens.
     *
     * @return 200 ms times the factor
     */
    public Duration moment() {
        return scaled(200);
    }

    /**
     * The longest from the end of a holder that could not release to the next hold, as the backend declares it, and patience.
     *
     * @return an upper bound
     */
    public Duration takeover() {
        return capabilities.takeoverBound(lease()).plus(patience());
    }

    /**
     * A duration times the factor.
     *
     * @param millis at a factor of 1
     * @return the scaled duration
     */
    public Duration scaled(long millis) {
        return Duration.ofNanos(Math.round(millis * 1_000_000.0 * scale));
    }

    /**
     * The factor.
     *
     * @return 1 for the durations as they stand in this documentation; positive
     */
    public double scale() {
        return scale;
    }

    @Override
    public String toString() {
        return "lease " + lease() + ", scale " + scale;
    }
}
