// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

/**
 * A rule that was broken.
 *
 * @param rule its id in docs/SPEC.md, or SIM when the simulation itself met something it cannot explain
 * @param time true time, nanoseconds since the beginning
 * @param what what was seen
 * @param cause an exception behind it, or null
 */
record Violation(String rule, long time, String what, Throwable cause) {
    @Override
    public String toString() {
        return rule + " at " + time / 1_000_000_000.0 + " s: " + what + (cause == null ? "" : " (" + cause + ")");
    }
}
