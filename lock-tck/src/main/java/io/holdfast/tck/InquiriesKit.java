// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockException;
import io.holdfast.tck.internal.Disturbance;
import io.holdfast.tck.internal.Step;
import io.holdfast.tck.internal.Tap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** ER: what asks the store fails with our own errors only, and they help. */
abstract class InquiriesKit extends Kit {
    /** Each question, whether its error is to name the lock or the store alone. */
    private static Map<String, Callable<?>> questions(LockClient client, String name) {
        Map<String, Callable<?>> asked = new LinkedHashMap<>();
        asked.put("isLocked", () -> client.lock(name).isLocked());
        asked.put("inspect", () -> client.lock(name).inspect());
        asked.put("forceUnlock", () -> client.lock(name).forceUnlock());
        asked.put("forceUnlock with a token", () -> client.forceUnlock(name, 1L << 20));
        asked.put("list", client::list);
        asked.put("diagnose", client::diagnose);
        return asked;
    }

    @Test
    @Proves({"ER-1", "ER-2"})
    void aQuestionThatFailsThrowsOurErrorThatSaysWhatAndWhere() throws Exception {
        Tap tap = new Tap();
        LockClient client = client(tap);
        String name = name();
        hold("ER-2", client, name);
        for (Disturbance how :
                List.of(Disturbance.REFUSE, Disturbance.LOSE_REQUEST, Disturbance.FAIL, Disturbance.THROW)) {
            for (Map.Entry<String, Callable<?>> question :
                    questions(client, name).entrySet()) {
                tap.disturb(Step.LOOK, how);
                helps(client, question.getKey() + " that met " + how, question.getKey(), name, question.getValue());
                tap.heal();
            }
        }
    }

    @Test
    @Proves({"ER-1", "ER-2"})
    void anAcquisitionThatFailsThrowsOurErrorThatSaysWhatAndWhere() throws Exception {
        Tap tap = new Tap();
        LockClient client = client(tap);
        for (Disturbance how : List.of(Disturbance.FAIL, Disturbance.LOSE_REQUEST)) {
            String name = name();
            Map<String, Callable<?>> calls = new LinkedHashMap<>();
            calls.put("tryLock", () -> client.lock(name).tryLock());
            calls.put("tryAcquire", () -> client.tryAcquire(name));
            for (Map.Entry<String, Callable<?>> call : calls.entrySet()) {
                tap.disturb(Step.CONTEND, how);
                helps(client, call.getKey() + " that met " + how, call.getKey(), name, call.getValue());
                tap.heal();
            }
        }
    }

    @Test
    @Alone
    @Proves({"ER-1", "ER-2"})
    void aQuestionToAStoreOutOfReachThrowsOurErrorThatSaysWhatAndWhere() throws Exception {
        LockClient client = client(config -> config.withOperationTimeout(time().moment()));
        String name = name();
        hold("ER-2", client, name).release();
        faults().cutLink();
        for (Map.Entry<String, Callable<?>> question : questions(client, name).entrySet()) {
            helps(client, question.getKey() + " with the link cut", question.getKey(), name, question.getValue());
        }
    }

    private void helps(LockClient client, String what, String method, String name, Callable<?> call) throws Exception {
        LockException error = throwing("ER-2", LockException.class, what, call);
        boolean ofALock = !method.equals("list") && !method.equals("diagnose");
        for (String part : ofALock ? List.of(client.store(), name) : List.of(client.store())) {
            check(
                    "ER-1",
                    says(error, part),
                    () -> "the error of " + what + " does not say '" + part + "': " + error.getMessage());
        }
        String message = String.valueOf(error.getMessage());
        check(
                "ER-1",
                message.indexOf(client.store()) == message.lastIndexOf(client.store()),
                () -> "the error of " + what + " names the store twice: " + message);
    }
}
