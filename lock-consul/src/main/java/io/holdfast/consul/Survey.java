// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * All that is under the prefix, in one request where that goes. What others have put there may be more than fits into an answer: then keys
 * are read alone first, and of those the ones that are ours, some dozens at a time; one that is too large is left out. Thread-safe; blocks.
 */
final class Survey {
    private static final String SUBJECT = "entries of others";

    /** Of the time for a request: what is left is for the other way. */
    private static final int SHARE = 3;

    private final Agent agent;
    private final LockKeys keys;

    Survey(Agent agent, LockKeys keys) {
        this.agent = agent;
        this.keys = keys;
    }

    /** Contenders, and what stands beside them, as far as it could be read. */
    List<KeyEntry> entries(String what, Supplier<Asker> asker) {
        try {
            Asker first = asker.get();
            return agent.entries(
                    keys.root(),
                    what,
                    new Asker(first.runtime(), first.call(), first.limit().dividedBy(SHARE)));
        } catch (LockDeniedException e) {
            throw e;
        } catch (LockException tooMuch) {
            List<KeyEntry> found = new ArrayList<>();
            List<String> ours = all(what, asker.get()).stream()
                    .filter(key -> keys.name(key).isPresent() && LockKeys.isCalledContender(key))
                    .toList();
            for (int from = 0; from < ours.size(); from += Txn.LIMIT) {
                read(ours.subList(from, Math.min(ours.size(), from + Txn.LIMIT)), what, asker, found);
            }
            return found;
        }
    }

    /** Keys alone. */
    private List<String> all(String what, Asker asker) {
        Reply reply = agent.get("/v1/kv/" + keys.root() + agent.query("keys&consistent"), what, asker);
        if (Agent.saysNone(reply)) {
            return List.of();
        }
        if (reply.status() != 200) {
            throw agent.refused(reply, what);
        }
        return agent.read(reply, what, body -> {
            List<String> found = new ArrayList<>();
            for (JsonElement key : JsonParser.parseString(body).getAsJsonArray()) {
                found.add(key.getAsString());
            }
            return found;
        });
    }

    private void read(List<String> some, String what, Supplier<Asker> asker, List<KeyEntry> found) {
        Txn txn = new Txn();
        some.forEach(txn::show);
        try {
            found.addAll(agent.transact(txn, what, asker.get()).entries());
        } catch (LockException tooMuch) {
            if (!Agent.isTooLarge(tooMuch)) {
                throw tooMuch;
            }
            if (some.size() > 1) {
                read(some.subList(0, some.size() / 2), what, asker, found);
                read(some.subList(some.size() / 2, some.size()), what, asker, found);
            }
        }
    }

    /** What is there that is none of ours: it hides no lock and stops none, and costs room and time. */
    StoreFinding strangers(Asker asker) {
        List<String> all = all("diagnose", asker);
        long foreign = all.stream().filter(key -> !isOurs(key)).count();
        String of = " of " + all.size() + " keys";
        return foreign == 0
                ? StoreFinding.ok(SUBJECT, "none" + of)
                : new StoreFinding(
                        Verdict.WARNING,
                        SUBJECT,
                        foreign + of + " under " + keys.root() + " are not of locks",
                        "give locks a 'prefix' of their own, or take the others away (consul kv get -keys)");
    }

    private boolean isOurs(String key) {
        return key.startsWith(keys.sessions())
                ? keys.isSessions(key)
                : keys.name(key).isPresent() && LockKeys.isCalledContender(key);
    }
}
