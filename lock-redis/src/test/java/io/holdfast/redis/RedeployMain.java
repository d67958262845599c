// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;

/** An application in a class loader of its own that uses a lock in its container's thread. */
public final class RedeployMain {
    private RedeployMain() {}

    /** Opens a client, uses a lock and closes. */
    public static void use(String url) throws Exception {
        try (LockClient client = LockClient.open(LockConfig.of(url))) {
            client.acquire("redeploy").release();
            client.lock("redeploy").inspect();
            client.diagnose();
        }
    }
}
