// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import org.junit.jupiter.api.Test;

/** FH: holds that nobody can release any more. */
@Alone
abstract class ForgottenKit extends Kit {
    private LockClient renewing() throws Exception {
        return client(config -> config.withLease(lease()));
    }

    @Test
    @Proves("FH-1")
    void aHoldWhoseThreadHasEndedIsReleased() throws Exception {
        String name = name();
        LockClient client = renewing();
        play("FH-1", "a thread that ends while it holds", () -> {
            client.lock(name).lock();
            return true;
        });
        released(client, name, "the thread that held it has ended");
    }

    @Test
    @Proves("FH-1")
    void aHoldWhoseHandleWasDroppedIsReleased() throws Exception {
        String name = name();
        LockClient client = renewing();
        play("FH-1", "dropping a handle", () -> {
            client.acquire(name);
            return true;
        });
        released(client, name, "nothing refers to its handle any more");
    }

    /** Now and then: to collect all the time keeps the renewals from running. */
    private void collect() throws InterruptedException {
        Await.pass(lease().dividedBy(8));
        System.gc();
    }

    private void released(LockClient client, String name, String why) throws Exception {
        onATimelyMachine(patience().dividedBy(10), () -> isReleased(client, name, why));
    }

    private void isReleased(LockClient client, String name, String why) throws Exception {
        LockClient other = client();
        Call<LockHandle> waiting = begin(() -> other.acquire(name));
        within(
                "FH-1",
                lease().plus(patience()),
                () -> {
                    collect(); // a handle that is not collected is not forgotten yet
                    return waiting.isDone();
                },
                () -> "'" + name + "' is held although " + why);
        result("FH-1", patience(), "the next client", waiting);
        eventually("FH-1", () -> client.metrics().held() == 0, () -> "the client still counts it: " + client.metrics());
    }

    @Test
    @Proves("FH-1")
    void aHandleThatIsKeptIsNotForgotten() throws Exception {
        String name = name();
        LockClient client = renewing();
        LockHandle kept = result("FH-1", patience(), "acquiring", begin(() -> client.acquire(name)));
        onATimelyMachine(lease().dividedBy(20), () -> isKept(client, kept));
    }

    private void isKept(LockClient client, LockHandle kept) throws Exception {
        long renewals = client.metrics().renewals();
        within(
                "FH-1",
                lease().plus(patience()),
                () -> {
                    collect();
                    return client.metrics().renewals() > renewals + 1;
                },
                () -> "a hold was not renewed: " + client.metrics());
        check("FH-1", kept.isValid(), () -> "a handle that is in use was taken for forgotten");
    }
}
