// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NamedStoresTest {
    private final ManualRuntime time = new ManualRuntime();
    private final NamedStores stores = new NamedStores();

    @Test
    void backendsOfOneNameShareAStore() {
        try (MemoryBackend one = stores.open("n", "p");
                MemoryBackend two = stores.open("n", "p")) {
            Client.open(one, "one", time).take("x");
            Contender attempt = Client.open(two, "two", time).attempt("x");
            assertThat(Client.await(attempt.answered())).isEqualTo(Contender.Answer.BUSY);
        }
        assertThat(stores.size()).isZero();
    }

    @Test
    @DisplayName("NA-3: another prefix or another store is another lock")
    void prefixesAndStoresAreApart() {
        try (MemoryBackend one = stores.open("n", "p");
                MemoryBackend otherPrefix = stores.open("n", "q");
                MemoryBackend otherStore = stores.open("m", "p")) {
            Client.open(one, "1", time).take("x");
            Client.open(otherPrefix, "2", time).take("x");
            Client.open(otherStore, "3", time).take("x");
            assertThat(Client.await(one.list())).hasSize(1);
        }
    }

    @Test
    @DisplayName("FT-1: a store made anew under an old name goes on above its last token")
    void tokensSurviveTheStore() {
        long last;
        try (MemoryBackend first = stores.open("n", "p")) {
            Client client = Client.open(first, "1", time);
            client.release(client.take("x"));
            Grant second = client.take("x");
            last = second.storeToken();
        }
        assertThat(stores.size()).as("a store without a backend is dropped").isZero();
        try (MemoryBackend again = stores.open("n", "p")) {
            assertThat(Client.open(again, "1", time).take("x").storeToken()).isGreaterThan(last);
        }
    }
}
