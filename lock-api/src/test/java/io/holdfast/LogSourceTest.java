// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.internal.runtime.SharedRuntime;
import io.holdfast.spi.MapTable;
import io.holdfast.spi.TableBackend;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the JDK's own handlers print before a record of ours. */
class LogSourceTest {
    private final Logger logger = Logger.getLogger("io.holdfast");
    private final BlockingQueue<LogRecord> records = new LinkedBlockingQueue<>();

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            entry.getSourceClassName(); // looked for in the stack of whoever logs
            records.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private final SharedRuntime runtime = SharedRuntime.acquire();

    @BeforeEach
    void hear() {
        logger.addHandler(handler);
    }

    @AfterEach
    void hearNoMore() {
        logger.removeHandler(handler);
        runtime.release();
    }

    private void nextComesFromTheApi(String what) throws InterruptedException {
        LogRecord entry = records.poll(30, TimeUnit.SECONDS);
        assertThat(entry).as("a record").isNotNull();
        assertThat(entry.getMessage()).contains(what);
        assertThat(entry.getLoggerName()).isEqualTo("io.holdfast");
        assertThat(entry.getSourceClassName()).isEqualTo("io.holdfast.LockLog");
    }

    @Test
    @DisplayName("a loss, and what a listener of it threw, are logged by a class of the API")
    void aLoss() throws InterruptedException {
        TableBackend table = TableBackend.of(new MapTable(runtime.clock()));
        LockConfig config = LockConfig.of("memory:x").withLease(Duration.ofSeconds(1));
        try (LockClient client = LockClient.open(table, config)) {
            LockHandle hold = client.acquire("a");
            hold.onLost(loss -> {
                throw new IllegalStateException("on purpose");
            });
            client.lock("a").forceUnlock();
            nextComesFromTheApi("lock 'a' in ");
            nextComesFromTheApi("a lock listener failed");
        }
    }
}
