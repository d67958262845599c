// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.context;

import io.holdfast.spi.LockRuntime;
import java.time.Duration;

/**
 * What the engine needs of a configuration, checked.
 *
 * @param lease asked of the store
 * @param tokenBase added to every token
 * @param handoffLimit longest run of hand-offs, 0 to 255
 * @param connectTimeout for opening
 * @param operationTimeout for one request
 * @param outageTimeout how long a wait without limit rides through an outage
 * @param closeTimeout for closing
 * @param label who we are, for people
 * @param runtime clock, scheduler, executor
 */
public record EngineSettings(
        Duration lease,
        long tokenBase,
        int handoffLimit,
        Duration connectTimeout,
        Duration operationTimeout,
        Duration outageTimeout,
        Duration closeTimeout,
        String label,
        LockRuntime runtime) {}
