// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.process.JavaProcess;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A program that ends without closing. */
class ProgramEndTest {
    private final String url = "redis://" + Servers.shared(StoreKind.REDIS_7).endpoints() + "?prefix=end-"
            + UUID.randomUUID() + "&token-retention=0s";

    @Test
    @DisplayName("CL-5: a program that throws without closing ends, and its lock passes on")
    void programWithoutClose() throws Exception {
        try (JavaProcess program = JavaProcess.start(EndingMain.class, Duration.ofSeconds(60), List.of(url));
                LockClient other = LockClient.open(LockConfig.of(url).withLease(Duration.ofSeconds(4)))) {
            program.answer("holds");
            program.answer("(the process has ended)");
            // A lease, a poll interval, and time for a machine that has other work.
            other.acquire("n", Duration.ofSeconds(15)).release();
        }
    }
}
