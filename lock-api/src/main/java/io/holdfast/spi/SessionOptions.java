// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.time.Duration;
import java.util.Objects;

/**
 * A client's settings for its session.
 *
 * @param lease how long the store is to keep a silent client's locks; within the backend's range, which the engine has checked
 *     (rule CF-5)
 * @param label who opens it, for people: host and process; at most 200 characters, not a secret
 * @param runtime where clock, scheduler and executor come from
 */
public record SessionOptions(Duration lease, String label, LockRuntime runtime) {
    /**
     * Checks for null only.
     *
     * @param lease the lease asked for
     * @param label for people
     * @param runtime clock, scheduler, executor
     */
    public SessionOptions {
        Objects.requireNonNull(lease, "lease");
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(runtime, "runtime");
    }
}
