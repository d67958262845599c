// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import java.time.Duration;

/** A program that takes a lock and throws, without closing its client: {@code URL}. */
final class EndingMain {
    /** Held on to: a handle that nothing refers to is released. */
    static LockHandle hold;

    private EndingMain() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        LockClient client = LockClient.open(LockConfig.of(arguments[0]).withLease(Duration.ofSeconds(4)));
        hold = client.acquire("n");
        System.out.println("holds " + hold.fencingToken());
        throw new IllegalStateException("the program ends as it was told to");
    }
}
