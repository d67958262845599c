// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockException;
import io.holdfast.LockGroup;
import io.holdfast.LockHandle;
import io.holdfast.LockLostException;
import io.holdfast.LockOptions;
import io.holdfast.LockOwner;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.Secret;
import io.holdfast.tck.internal.Disturbance;
import io.holdfast.tck.internal.Said;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** ER and CF: wrong calls and wrong settings get clear errors. */
abstract class ErrorsKit extends Kit {
    private static final String PLANTED = "kit-planted-secret";

    /** Each parameter of each method in turn, the others being right. */
    @Test
    @Proves("ER-2")
    void nullIsRefusedByEveryMethod() throws Exception {
        Tap tap = new Tap();
        LockClient client = client(tap);
        String name = name();
        LockHandle hold = hold("ER-2", client, name());
        Map<Class<?>, Object> right = new HashMap<>();
        right.put(String.class, name);
        right.put(Duration.class, Duration.ZERO);
        right.put(LockOptions.class, LockOptions.defaults());
        right.put(Collection.class, List.of(name));
        right.put(TimeUnit.class, TimeUnit.SECONDS);
        right.put(LockConfig.class, scene().run().fixture().config());
        right.put(long.class, 1L);
        right.put(int.class, 1);
        String before = tap.counts();
        Map<Class<?>, Object> asked = new LinkedHashMap<>();
        asked.put(LockClient.class, client);
        asked.put(DistributedLock.class, client.lock(name));
        asked.put(LockHandle.class, hold);
        asked.put(LockGroup.class, client.all(List.of(name)));
        asked.put(LockOptions.class, LockOptions.defaults());
        asked.put(LockConfig.class, scene().run().fixture().config());
        asked.put(LockOwner.class, LockOwner.named("owner"));
        int calls = 0;
        for (Map.Entry<Class<?>, Object> target : asked.entrySet()) {
            for (Method method : target.getKey().getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers())
                        && !method.getName().equals("equals")) {
                    calls += refusesNull(method, target.getValue(), right);
                }
            }
        }
        int made = calls;
        check("ER-2", made > 40, () -> "only " + made + " calls were tried");
        if (hold.remainingLease().compareTo(time().scaled(20_000)) > 0) { // else a renewal may fall into this time
            check("ER-2", tap.counts().equals(before), () -> "null was sent: " + before + " became " + tap.counts());
        }
        check("ER-2", client.metrics().held() == 1, () -> "a wrong call left a hold: " + client.metrics());
    }

    private int refusesNull(Method method, Object target, Map<Class<?>, Object> right) {
        Class<?>[] types = method.getParameterTypes();
        int calls = 0;
        for (int wrong = 0; wrong < types.length; wrong++) {
            if (!types[wrong].isPrimitive()) {
                Object[] arguments = Arrays.stream(types).map(right::get).toArray();
                arguments[wrong] = null;
                throwingHere(
                        "ER-2",
                        NullPointerException.class,
                        method + " with null as its parameter " + (wrong + 1),
                        () -> called(method, target, arguments));
                calls++;
            }
        }
        return calls;
    }

    private static Object called(Method method, Object target, Object[] arguments) throws Exception {
        try {
            return "" + method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Test
    @Proves("ER-2")
    void wrongArgumentsAreRefused() throws Exception {
        LockClient client = client();
        String name = name();
        throwingHere(
                "ER-2",
                NullPointerException.class,
                "a group with null in it",
                () -> client.all(Arrays.asList(name, null)));
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
    @Alone
    @Proves("ER-1")
    void aPasswordIsShownNowhere() throws Exception {
        showsNowhere(PLANTED, config -> config.with("user", "kit").with("password", PLANTED));
    }

    @Test
    @Alone
    @Proves("ER-1")
    void thePasswordOfTheStoreIsShownNowhere() throws Exception {
        Secret own = BackendConfig.of(scene().run().fixture().config())
                .password()
                .orElseThrow(() ->
                        new HookMissing(Hook.PASSWORD, "look for the store's own password: the fixture has none"));
        showsNowhere(own.reveal(), UnaryOperator.identity());
    }

    private void showsNowhere(String secret, UnaryOperator<LockConfig> settings) throws Exception {
        Said said = scene().keep(new Said());
        said.add(scene().config(settings));
        Tap tap = new Tap();
        try {
            provoke(said, tap, client(tap, settings));
        } catch (LockException refused) { // this store looks at who comes: then it is the refusal that may show it
            said.add(refused);
        }
        check("ER-1", !said.has(secret), () -> "the password is shown in " + said.with(secret));
        said.needsToHear();
    }

    /** Makes a client say all it can, and fail in every way that takes no time. */
    private void provoke(Said said, Tap tap, LockClient client) throws Exception {
        String name = name();
        DistributedLock lock = client.lock(name);
        List<Callable<?>> failing = List.of(
                () -> client.acquire(name, Duration.ZERO),
                () -> client.withLock(name, Duration.ZERO, hold -> true),
                () -> {
                    tap.disturb(Step.CONTEND, Disturbance.LOSE_REPLY, 1);
                    return client.lock(name()).tryLock();
                },
                () -> {
                    lock.ownedBy(LockOwner.named("nobody")).unlock();
                    return "normally";
                },
                () -> {
                    tap.reportSessionLost("reported by the kit");
                    lock.unlock();
                    return "normally";
                },
                () -> {
                    client.close();
                    return lock.tryLock();
                });
        play("ER-1", "provoking errors", () -> {
            lock.lock();
            for (Object shown : List.of(client, client.store(), client.metrics(), client.capabilities(), lock)) {
                said.add(shown);
            }
            said.add(client.list() + " " + lock.inspect() + " " + client.diagnose());
            Thread.getAllStackTraces().keySet().forEach(said::add);
            for (Callable<?> call : failing) {
                said.add(throwingHere("ER-1", RuntimeException.class, "a call that must fail", () -> failed(call)));
            }
            return true;
        });
    }

    private static Object failed(Callable<?> call) {
        try {
            return call.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
