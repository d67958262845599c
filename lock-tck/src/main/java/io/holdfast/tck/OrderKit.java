// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.tck.internal.Call;
import io.holdfast.tck.internal.Heard;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** OR: first come, first served, over clients where the store keeps a line, and inside a client. */
abstract class OrderKit extends Kit {
    private static final int WAITERS = 5;
    private static final int HANDOFF_LIMIT = 3;

    private void needsALine() {
        claims(capabilities().queues(), NO_LINE);
    }

    /** Waits in line behind what is there, and writes its name down when it holds. */
    private Call<Boolean> waiter(LockClient client, String name, String who, List<String> order) {
        return begin(() -> {
            try (LockHandle hold = client.acquire(name)) {
                order.add(who);
                return hold.isValid();
            }
        });
    }

    private void finish(String rule, List<Call<Boolean>> waits) throws Exception {
        for (Call<Boolean> wait : waits) {
            result(rule, patience(), "a waiter", wait);
        }
    }

    @Test
    @Proves("OR-1")
    void clientsHoldInTheOrderOfTheirPlaces() throws Exception {
        needsALine();
        String name = name();
        LockHandle first = hold("OR-1", client(), name);
        List<String> order = new CopyOnWriteArrayList<>();
        List<String> expected = new ArrayList<>();
        List<Call<Boolean>> waits = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            LockClient client = client();
            Heard heard = new Heard();
            client.addListener(heard);
            String who = "client " + i;
            expected.add(who);
            waits.add(waiter(client, name, who, order));
            eventually("OR-1", () -> heard.has("contended", name), () -> who + "'s place was not acknowledged");
        }
        first.release();
        finish("OR-1", waits);
        check(
                "OR-1",
                order.equals(expected),
                () -> "places were acknowledged in the order " + expected + ", and held in the order " + order);
    }

    @Test
    @Proves("OR-1")
    void aClientThatComesBackGoesToTheEndOfTheLine() throws Exception {
        needsALine();
        String name = name();
        LockClient greedy = client();
        LockClient patient = client();
        LockHandle first = hold("OR-1", greedy, name);
        Heard heard = new Heard();
        patient.addListener(heard);
        List<String> order = new CopyOnWriteArrayList<>();
        Call<Boolean> waits = waiter(patient, name, "the one in line", order);
        eventually("OR-1", () -> heard.has("contended", name), () -> "a place was not acknowledged");
        first.release();
        Call<Boolean> again = waiter(greedy, name, "the one that came back", order);
        finish("OR-1", List.of(waits, again));
        check("OR-1", order.get(0).equals("the one in line"), () -> "held in the order " + order);
    }

    @Test
    @Proves("OR-2")
    void ownersOfOneClientHoldInTheOrderOfTheirCalls() throws Exception {
        String name = name();
        LockClient client = client();
        LockHandle first = hold("OR-2", client, name);
        List<String> order = new CopyOnWriteArrayList<>();
        List<String> expected = new ArrayList<>();
        List<Call<Boolean>> waits = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            String who = "owner " + i;
            expected.add(who);
            waits.add(waiter(client, name, who, order));
            int waiting = waits.size();
            eventually("OR-2", () -> client.metrics().waiting() == waiting, () -> who + " does not wait");
        }
        first.release();
        finish("OR-2", waits);
        check("OR-2", order.equals(expected), () -> "called in the order " + expected + ", held in " + order);
    }

    @Test
    @Proves({"OR-3", "SP-4"})
    void aRunOfHandOffsEndsAtItsLimitWhenAnotherClientWaits() throws Exception {
        needsALine();
        String name = name();
        LockClient busy = client(config -> config.withHandoffLimit(HANDOFF_LIMIT));
        LockClient other = client();
        LockHandle first = hold("OR-3", busy, name);
        Heard heard = new Heard();
        other.addListener(heard);
        List<String> order = new CopyOnWriteArrayList<>();
        List<Call<Boolean>> waits = new ArrayList<>();
        for (int i = 0; i < 3 * HANDOFF_LIMIT; i++) {
            waits.add(waiter(busy, name, "busy", order));
        }
        eventually("OR-3", () -> busy.metrics().waiting() == waits.size(), () -> "waiting: " + busy.metrics());
        waits.add(waiter(other, name, "other", order));
        eventually("OR-3", () -> heard.has("contended", name), () -> "a place was not acknowledged");
        first.release();
        finish("OR-3", waits);
        check(
                "OR-3",
                order.indexOf("other") <= HANDOFF_LIMIT,
                () -> "with a limit of " + HANDOFF_LIMIT + " hand-offs another client waited for these holds: "
                        + order);
    }

    @Test
    @Proves("OR-3")
    void withoutHandOffsTheOrderIsStrict() throws Exception {
        needsALine();
        String name = name();
        LockClient strict = client(config -> config.withHandoffLimit(0));
        LockClient other = client();
        LockHandle first = hold("OR-3", strict, name);
        Heard heard = new Heard();
        other.addListener(heard);
        List<String> order = new CopyOnWriteArrayList<>();
        List<Call<Boolean>> waits = new ArrayList<>();
        waits.add(waiter(other, name, "other", order));
        eventually("OR-3", () -> heard.has("contended", name), () -> "a place was not acknowledged");
        waits.add(waiter(strict, name, "strict", order));
        eventually("OR-3", () -> strict.metrics().waiting() == 1, () -> "waiting: " + strict.metrics());
        first.release();
        finish("OR-3", waits);
        check("OR-3", order.get(0).equals("other"), () -> "handoff-limit is 0, and held was in the order " + order);
    }
}
