// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.time.Duration;
import java.util.Objects;

/**
 * The facts of a backend that the engine plans with and the kit scales by; immutable.
 *
 * <p>What is declared here is tested: the kit holds a backend to the class, the order and the bounds it claims, and skips
 * with a printed reason what is not claimed.
 */
public final class Capabilities {
    private final LeaseScope scope;
    private final GuaranteeClass guarantee;
    private final boolean queues;
    private final boolean blocking;
    private final boolean sharedAcrossProcesses;
    private final Duration minimumLease;
    private final Duration maximumLease;
    private final Duration leaseStep;
    private final String leaseReason;
    private final int holdingRenewals;
    private final int waitingRenewals;
    private final int takeoverLeases;
    private final Duration takeoverSlack;

    private Capabilities(Builder b) {
        this.scope = b.scope;
        this.guarantee = b.guarantee;
        this.queues = b.queues;
        this.blocking = b.blocking;
        this.sharedAcrossProcesses = b.sharedAcrossProcesses;
        this.minimumLease = b.minimumLease;
        this.maximumLease = b.maximumLease;
        this.leaseStep = b.leaseStep;
        this.leaseReason = b.leaseReason;
        this.holdingRenewals = b.holdingRenewals;
        this.waitingRenewals = b.waitingRenewals;
        this.takeoverLeases = b.takeoverLeases;
        this.takeoverSlack = b.takeoverSlack;
    }

    /**
     * Starts a description. Unless told otherwise: class A, no queue, not blocking, shared across processes, leases of 100 ms to 1 day in
     * steps of 1 ms, three renewals per lease, a takeover within one lease and 1 s.
     *
     * @param scope what one renewal extends
     * @return a builder
     */
    public static Builder of(LeaseScope scope) {
        return new Builder(Objects.requireNonNull(scope, "scope"));
    }

    /**
     * What one renewal extends.
     *
     * @return the scope
     */
    public LeaseScope scope() {
        return scope;
    }

    /**
     * How far it is promised that two valid holds of a name do not overlap.
     *
     * @return the class
     */
    public GuaranteeClass guarantee() {
        return guarantee;
    }

    /**
     * Whether the store keeps a line: contenders hold in the order in which it acknowledged them (rule OR-1), and one that is
     * refused is told when its turn comes. Without it the engine polls, with jitter, and order is not claimed.
     *
     * @return true when the store queues
     */
    public boolean queues() {
        return queues;
    }

    /**
     * Whether {@link LockBackend#openSession}, {@link Contender#start()}, {@link LockSession#release}, {@link
     * LockSession#renew}, {@link Contender#withdraw()}, the inspections and the closes may block the thread that calls them, up
     * to the operation timeout. The engine then calls them on a thread that may wait. {@link LockSession#contend} never blocks.
     *
     * @return true when they may block
     */
    public boolean blocking() {
        return blocking;
    }

    /**
     * Whether clients of other processes contend for the same locks; false for a store inside one JVM.
     *
     * @return true when the store is shared across processes
     */
    public boolean sharedAcrossProcesses() {
        return sharedAcrossProcesses;
    }

    /**
     * The shortest lease the store serves.
     *
     * @return a positive duration
     */
    public Duration minimumLease() {
        return minimumLease;
    }

    /**
     * The longest lease the store serves.
     *
     * @return not below the minimum
     */
    public Duration maximumLease() {
        return maximumLease;
    }

    /**
     * The grain of leases: the lease is a whole multiple of it, or an error at open (never rounded).
     *
     * @return a positive duration, such as one second
     */
    public Duration leaseStep() {
        return leaseStep;
    }

    /**
     * What sets the range of leases, for the error at open that refuses one (rule CF-5).
     *
     * @return such as "8 times the setting 'tick' at least"; the empty string when there is nothing to say
     */
    public String leaseReason() {
        return leaseReason;
    }

    /**
     * How many renewals are sent per lease while something is held.
     *
     * @return 3 or more
     */
    public int holdingRenewals() {
        return holdingRenewals;
    }

    /**
     * How many renewals are sent per lease while something is in line; while something is held, too, the larger number counts.
     *
     * @return 3 or more
     */
    public int waitingRenewals() {
        return waitingRenewals;
    }

    /**
     * The longest time from the death of a holder's process to the next grant, while the store is up and the next contender is in line
     * (rule CR-1).
     *
     * @param lease the lease in force
     * @return the number of leases times {@code lease}, plus the slack, as {@link Builder#takeover} was told
     */
    public Duration takeoverBound(Duration lease) {
        return lease.multipliedBy(takeoverLeases).plus(takeoverSlack);
    }

    @Override
    public String toString() {
        return "class " + guarantee + ", lease per " + scope + (queues ? ", FIFO" : ", polled");
    }

    /** Collects the facts; not thread-safe. Each setter returns this builder. */
    public static final class Builder {
        private final LeaseScope scope;
        private GuaranteeClass guarantee = GuaranteeClass.A;
        private boolean queues;
        private boolean blocking;
        private boolean sharedAcrossProcesses = true;
        private Duration minimumLease = Duration.ofMillis(100);
        private Duration maximumLease = Duration.ofDays(1);
        private Duration leaseStep = Duration.ofMillis(1);
        private String leaseReason = "";
        private int holdingRenewals = 3;
        private int waitingRenewals = 3;
        private int takeoverLeases = 1;
        private Duration takeoverSlack = Duration.ofSeconds(1);

        private Builder(LeaseScope scope) {
            this.scope = scope;
        }

        /**
         * Declares the guarantee class.
         *
         * @param value the class the kit is to test
         * @return this
         */
        public Builder guarantee(GuaranteeClass value) {
            guarantee = Objects.requireNonNull(value, "guarantee");
            return this;
        }

        /**
         * Declares that the store keeps a line.
         *
         * @param value see {@link Capabilities#queues()}
         * @return this
         */
        public Builder queues(boolean value) {
            queues = value;
            return this;
        }

        /**
         * Declares that calls may block.
         *
         * @param value see {@link Capabilities#blocking()}
         * @return this
         */
        public Builder blocking(boolean value) {
            blocking = value;
            return this;
        }

        /**
         * Declares whether other processes see the same store.
         *
         * @param value see {@link Capabilities#sharedAcrossProcesses()}
         * @return this
         */
        public Builder sharedAcrossProcesses(boolean value) {
            sharedAcrossProcesses = value;
            return this;
        }

        /**
         * Declares the leases that the store serves.
         *
         * @param minimum shortest, positive
         * @param maximum longest, not below the minimum
         * @param step grain, positive
         * @return this
         * @throws IllegalArgumentException when the minimum or the step is not positive, or the maximum is below the minimum
         */
        public Builder leases(Duration minimum, Duration maximum, Duration step) {
            if (minimum.isNegative() || minimum.isZero() || step.isNegative() || step.isZero()) {
                throw new IllegalArgumentException("lease minimum and step must be positive");
            }
            if (maximum.compareTo(minimum) < 0) {
                throw new IllegalArgumentException("lease maximum " + maximum + " is below the minimum " + minimum);
            }
            minimumLease = minimum;
            maximumLease = maximum;
            leaseStep = step;
            return this;
        }

        /**
         * Says what sets the range of leases.
         *
         * @param value see {@link Capabilities#leaseReason()}
         * @return this
         */
        public Builder leaseReason(String value) {
            leaseReason = Objects.requireNonNull(value, "leaseReason");
            return this;
        }

        /**
         * Declares how often a lease is renewed.
         *
         * @param holding renewals per lease while holding, 3 or more
         * @param waiting renewals per lease while in line, 3 or more
         * @return this
         * @throws IllegalArgumentException when one of them is below 3
         */
        public Builder renewals(int holding, int waiting) {
            if (holding < 3 || waiting < 3) {
                throw new IllegalArgumentException("fewer than 3 renewals a lease would let one failure lose a hold");
            }
            holdingRenewals = holding;
            waitingRenewals = waiting;
            return this;
        }

        /**
         * Declares the bound of {@link Capabilities#takeoverBound}.
         *
         * @param leases how many leases, 0 or more
         * @param slack the time that is added to them
         * @return this
         */
        public Builder takeover(int leases, Duration slack) {
            takeoverLeases = leases;
            takeoverSlack = Objects.requireNonNull(slack, "slack");
            return this;
        }

        /**
         * Ends the description.
         *
         * @return the capabilities
         */
        public Capabilities build() {
            return new Capabilities(this);
        }
    }
}
