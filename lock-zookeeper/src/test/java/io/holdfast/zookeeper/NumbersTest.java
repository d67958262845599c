// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.LockHandle;
import io.holdfast.LockUnavailableException;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.io.File;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * ZooKeeper numbers the contenders of a name up to 2147483647, and then gives that number to everybody. The weeks of use that this takes
 * are written into the data of a server that is stopped.
 */
class NumbersTest {
    private static final String CONTAINER = "/holdfast/n";
    private static final int ROUNDS = 20;

    private StoreServer server;

    @BeforeEach
    void start() {
        server = StoreKind.ZOOKEEPER_3_9.spec().durable().start();
    }

    @AfterEach
    void end() {
        server.close();
    }

    private LockClient client() {
        return LockClient.open(
                LockConfig.of("zk://" + server.endpoints() + "?tick=500ms").withLease(Duration.ofSeconds(8)));
    }

    /** So many changes there were among the children of a container: a contender's beginning is one, and its end another. */
    private void setNext(int number) throws Exception {
        try (LockClient client = client()) {
            client.acquire("n").release();
        }
        File data = new File(ServerWords.value(
                        new ServerWords(server.node(1).address()).say("conf").orElseThrow(), "dataDir")
                .orElseThrow());
        server.node(1).restart(); // which takes a snapshot
        server.node(1).terminate();
        Snapshot.newestIn(data).setCversion(CONTAINER, number);
        server.node(1).start();
    }

    @Test
    @DisplayName("FT-7: whoever gets one of the last million numbers is refused, and told what to do")
    void numbersNearTheirEndAreRefused() throws Exception {
        setNext(Line.LAST_NUMBERS - 1);
        try (LockClient one = client();
                LockClient two = client()) {
            LockHandle hold = one.acquire("n");
            assertThatThrownBy(() -> two.acquire("n", Duration.ofSeconds(1)))
                    .isInstanceOf(LockException.class)
                    .hasStackTraceContaining("2147483647")
                    .hasStackTraceContaining("delete");
            assertThat(hold.isValid()).isTrue();
            hold.release();
            assertThat(two.tryAcquire("other")).isPresent();
        }
    }

    @Test
    @DisplayName("ME-1: contenders with one and the same number do not hold beside each other")
    void noTwoHoldWhenTheNumbersStandStill() throws Exception {
        setNext(Integer.MAX_VALUE - 4);
        try (LockClient one = client();
                LockClient two = client()) {
            for (int i = 0; i < ROUNDS; i++) {
                Optional<LockHandle> first = attempt(one);
                Optional<LockHandle> second = attempt(two);
                assertThat(first.isPresent() && second.isPresent())
                        .as("two holds in round " + i)
                        .isFalse();
                first.ifPresent(LockHandle::release);
                second.ifPresent(LockHandle::release);
            }
        }
    }

    private static Optional<LockHandle> attempt(LockClient client) throws InterruptedException {
        try {
            return client.tryAcquire("n");
        } catch (LockUnavailableException refused) {
            return Optional.empty();
        }
    }
}
