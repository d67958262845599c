// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;

/** A program whose main method ends by an exception while it holds, and which closes nothing. Arguments: the URI, and the name. */
final class ForgetfulMain {
    private ForgetfulMain() {}

    public static void main(String[] args) throws Exception {
        LockHandle hold = LockClient.open(LockConfig.of(args[0])).acquire(args[1]);
        throw new IllegalStateException("fails with " + hold);
    }
}
