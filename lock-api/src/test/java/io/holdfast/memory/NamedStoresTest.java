// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockHandle;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NamedStoresTest {
    private final NamedStores stores = new NamedStores();

    /** A client whose backend is closed with it by the test. */
    private static LockClient over(MemoryBackend backend) {
        return LockClient.open(backend, LockConfig.of("memory:handed-in"));
    }

    @Test
    void backendsOfOneNameShareAStore() throws InterruptedException {
        try (MemoryBackend first = stores.open("n", "p");
                MemoryBackend second = stores.open("n", "p");
                LockClient one = over(first);
                LockClient two = over(second);
                LockHandle hold = one.acquire("x")) {
            assertThat(hold.isValid()).isTrue();
            assertThat(two.tryAcquire("x")).isEmpty();
        }
        assertThat(stores.size()).isZero();
    }

    @Test
    @DisplayName("NA-3: another prefix or another store is another lock")
    void prefixesAndStoresAreApart() throws InterruptedException {
        try (MemoryBackend first = stores.open("n", "p");
                MemoryBackend otherPrefix = stores.open("n", "q");
                MemoryBackend otherStore = stores.open("m", "p");
                LockClient one = over(first);
                LockClient two = over(otherPrefix);
                LockClient three = over(otherStore);
                LockHandle hold = one.acquire("x");
                LockHandle second = two.tryAcquire("x").orElseThrow();
                LockHandle third = three.tryAcquire("x").orElseThrow()) {
            assertThat(hold.isValid() && second.isValid() && third.isValid()).isTrue();
            assertThat(one.list()).hasSize(1);
        }
    }

    @Test
    @DisplayName("FT-1: a store made anew under an old name goes on above its last token")
    void tokensSurviveTheStore() throws InterruptedException {
        long last;
        try (MemoryBackend first = stores.open("n", "p");
                LockClient client = over(first)) {
            client.acquire("x").close();
            try (LockHandle second = client.acquire("x")) {
                last = second.fencingToken();
            }
        }
        assertThat(stores.size()).as("a store without a backend is dropped").isZero();
        try (MemoryBackend again = stores.open("n", "p");
                LockClient client = over(again);
                LockHandle hold = client.acquire("x")) {
            assertThat(hold.fencingToken()).isGreaterThan(last);
        }
    }
}
