// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * What a step decided while it held the store's lock and may do only after leaving it: completing stages, upcalls, timers (rule
 * SP-2). They run in the order in which they were decided, so a loss is told before the grant that follows from it.
 */
final class Aftermath {
    private static final System.Logger LOG = System.getLogger(Aftermath.class.getName());

    private final List<Runnable> tasks = new ArrayList<>(2);

    void add(Runnable task) {
        tasks.add(task);
    }

    /** Runs all of them: one that throws belongs to one client and must not keep the others from learning theirs. */
    void run() {
        for (Runnable task : tasks) {
            try {
                task.run();
            } catch (Throwable e) { // an error of one client is none of the others
                LOG.log(System.Logger.Level.ERROR, "a client failed to take what its store told it", e);
            }
        }
    }
}
