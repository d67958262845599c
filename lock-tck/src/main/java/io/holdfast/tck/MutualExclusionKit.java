// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import org.junit.jupiter.api.Test;

/** ME: at most one valid hold of a name at a time, and how long it is valid. */
abstract class MutualExclusionKit extends Kit {
    @Test
    @Proves("ME-1")
    void aSecondClientIsRefusedWhileTheFirstHolds() throws Exception {
        String name = name();
        LockClient first = client();
        LockClient second = client();
        LockHandle hold = first.acquire(name, patience());
        check(
                "ME-1",
                second.tryAcquire(name).isEmpty(),
                () -> "a second client was given '" + name + "' while the first held it with token "
                        + hold.fencingToken());
        hold.release();
        check(
                "ME-1",
                second.tryAcquire(name).isPresent(),
                () -> "'" + name + "' was still refused after its holder had released it");
    }
}
