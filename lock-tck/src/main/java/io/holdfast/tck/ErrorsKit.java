// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.LockOptions;
import io.holdfast.spi.Capabilities;
import io.holdfast.tck.internal.Tap;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** ER and CF: wrong calls and wrong settings get clear errors. */
abstract class ErrorsKit extends Kit {
    private static final String PLANTED = "kit-planted-secret";

    @Test
    @Proves("ER-2")
    @SuppressWarnings("NullAway") // null is what it is about
    void nullIsRefusedEverywhere() throws Exception {
        LockClient client = client();
        String name = name();
        Map<String, Callable<?>> calls = new LinkedHashMap<>();
        calls.put("acquire without a duration", () -> client.acquire(name, (Duration) null));
        calls.put("acquire without options", () -> client.acquire(name, (LockOptions) null));
        calls.put("tryAcquire without a duration", () -> client.tryAcquire(name, (Duration) null));
        calls.put("acquireAsync without options", () -> client.acquireAsync(name, null));
        calls.put("tryLock without a duration", () -> client.lock(name).tryLock((Duration) null));
        calls.put("tryLock without a unit", () -> client.lock(name).tryLock(1, null));
        calls.put("tryLock without a maximum", () -> client.lock(name).tryLock(patience(), null));
        calls.put(
                "withLock without work", () -> client.withLock(name, patience(), (io.holdfast.LockedTask<?, ?>) null));
        calls.put("all of nothing", () -> client.all(null));
        calls.put("ownedBy nobody", () -> client.lock(name).ownedBy(null));
        calls.put("addListener without one", () -> {
            client.addListener(null);
            return "normally";
        });
        calls.forEach((what, call) -> throwingHere("ER-2", NullPointerException.class, what, call));
        throwingHere("ER-2", IllegalArgumentException.class, "a group without names", () -> client.all(List.of()));
        throwingHere("ER-2", IllegalArgumentException.class, "a maximum hold of zero", () -> client.lock(name)
                .tryLock(patience(), Duration.ZERO));
        throwingHere(
                "ER-2", IllegalArgumentException.class, "a minimum hold above the maximum", () -> LockOptions.defaults()
                        .maximumHold(Duration.ofSeconds(1))
                        .minimumHold(Duration.ofSeconds(2)));
        throwingHere("ER-2", UnsupportedOperationException.class, "a condition", () -> client.lock(name)
                .newCondition());
        check("ER-2", client.metrics().held() == 0, () -> "a wrong call left a hold: " + client.metrics());
    }

    @Test
    @Proves({"CF-5", "SP-6"})
    void aLeaseThatTheStoreCannotServeIsRefusedAtOpen() throws Exception {
        Capabilities facts = capabilities();
        Map<String, Duration> wrong = new LinkedHashMap<>();
        wrong.put("below the shortest", facts.minimumLease().minusMillis(1));
        wrong.put("above the longest", facts.maximumLease().plus(facts.leaseStep()));
        if (facts.leaseStep().compareTo(Duration.ofMillis(1)) > 0) {
            wrong.put("between two steps", facts.minimumLease().plusMillis(1));
        }
        for (Map.Entry<String, Duration> lease : wrong.entrySet()) {
            if (lease.getValue().isZero()) {
                continue; // refused as a setting, before a store is asked
            }
            LockConfigException refused = throwing(
                    "CF-5",
                    LockConfigException.class,
                    "opening with a lease " + lease.getKey() + " that the store serves",
                    () -> client(config -> config.withLease(lease.getValue())));
            check("CF-5", says(refused, "lease"), () -> "the error does not name the setting: " + refused);
        }
        client(config -> config.withLease(facts.minimumLease()));
    }

    @Test
    @Proves("CF-2")
    void anUnknownSettingIsRefusedAndTheNearestOffered() throws Exception {
        LockConfig config = scene().run().fixture().config().with("leese", "30s");
        LockConfigException refused =
                throwing("CF-2", LockConfigException.class, "opening with the key 'leese'", () -> {
                    try (LockClient client = LockClient.open(config)) {
                        return client.store();
                    }
                });
        check(
                "CF-2",
                says(refused, "leese") && says(refused, "lease"),
                () -> "the error does not name the key and the nearest one: " + refused.getMessage());
    }

    @Test
    @Proves("ER-1")
    void aLossNamesTheLockTheStoreAndTheToken() throws Exception {
        String name = name();
        Tap tap = new Tap();
        LockClient client = client(tap);
        play("ER-1", "losing a hold", () -> {
            client.lock(name).lock();
            long token = client.lock(name).fencingToken();
            tap.reportSessionLost("the kit says so");
            LockLostException lost = throwingHere("ER-1", LockLostException.class, "unlock of a lost hold", () -> {
                client.lock(name).unlock();
                return "normally";
            });
            String message = String.valueOf(lost.getMessage());
            for (String part : List.of(name, client.store(), Long.toString(token), "the kit says so")) {
                check("ER-1", message.contains(part), () -> "the error does not say '" + part + "': " + message);
            }
            return true;
        });
    }

    @Test
    @Proves("ER-1")
    void aPasswordIsShownNowhere() throws Exception {
        LockConfig config = scene().config(c -> c.with("user", "kit").with("password", PLANTED));
        check("ER-1", !config.toString().contains(PLANTED), () -> "LockConfig shows the password: " + config);
        try (LockClient client = client(c -> c.with("user", "kit").with("password", PLANTED));
                LockHandle hold = client.acquire(name())) {
            String shown = client + client.store() + hold + client.lock(hold.name()) + client.metrics() + client.list();
            check("ER-1", !shown.contains(PLANTED), () -> "the password is shown in " + shown);
        } catch (io.holdfast.LockException refused) {
            check("ER-1", !refused.toString().contains(PLANTED), () -> "an error shows the password: " + refused);
        }
    }
}
