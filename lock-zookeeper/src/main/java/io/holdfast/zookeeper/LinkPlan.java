// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.spi.LockRuntime;
import java.time.Duration;

/**
 * What a link is made with.
 *
 * @param settings prefix and times
 * @param paths where things are
 * @param store the ensemble's address without secrets
 * @param lease the session's timeout to ask for, if it is not a lent client's
 * @param label who it is for, for people
 * @param runtime clock and scheduler
 * @param isShared whether it is a session of a lent Curator client, which others use, too
 */
record LinkPlan(
        ZooKeeperSettings settings,
        LockPaths paths,
        String store,
        Duration lease,
        String label,
        LockRuntime runtime,
        boolean isShared) {
    Failures failures() {
        return new Failures(store);
    }
}
