// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockUnavailableException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EngineCloseTest extends EngineTestBase {
    @Test
    @DisplayName("ER-1: why a session was not removed is told in words, without the names of exceptions")
    void aSessionThatWasNotRemovedIsToldInWords() {
        List<String> said = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger("io.holdfast");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                said.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        try {
            CompletableFuture<?> closed = client().closeAsync().toCompletableFuture();
            time.settle();
            session()
                    .closes
                    .get(0)
                    .completeExceptionally(
                            new CompletionException(new LockUnavailableException("store scripted: not reached")));
            time.settle();
            assertThat(closed).isCompleted();
        } finally {
            logger.removeHandler(handler);
        }
        assertThat(said)
                .singleElement()
                .asString()
                .endsWith("the session was not removed, it ends with its lease: store scripted: not reached");
    }
}
