// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

/**
 * One fault of a plan.
 *
 * @param kind what goes wrong
 * @param at when it begins, nanoseconds since the beginning
 * @param duration how long it lasts
 * @param target which client, follower or name; 0 for the store
 * @param amount what the kind says
 */
record Fault(FaultKind kind, long at, long duration, int target, long amount) {
    long end() {
        return at + duration;
    }

    @Override
    public String toString() {
        return String.format(
                "%10.3f s  %s on %d for %.3f s, amount %d", at / 1e9, kind, target, duration / 1e9, amount);
    }
}
