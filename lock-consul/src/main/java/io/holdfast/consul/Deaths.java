// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.holdfast.LockConfigException;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Contenders whose session ended without their doing: their keys stay, and so do their places, until nobody can believe any more
 * that one of them holds (rule ME-7). Thread-safe; calls block for requests.
 *
 * <p>A session ends when its time has passed without a renewal: then the lease is over, too. It also ends, at once, when its node
 * leaves Consul: an agent in client mode that is told to stop, autopilot, force-leave, deregistration. Consul keeps no reason. But a
 * node that was there before the session began, and is there still, has not left meanwhile. Where that cannot be said, the dead
 * contender's key is given to a session that nobody renews, for as long as the dead one's lease: what Consul ends by time after that
 * is over. Whoever meets a dead contender does this, a try that goes on at once, too, so that the next one finds it done.
 */
final class Deaths {
    /** How often a line may change while it is cleared. */
    private static final int ATTEMPTS = 3;

    private final ConsulLine consul;

    Deaths(ConsulLine consul) {
        this.consul = consul;
    }

    /**
     * Clears a line of the dead before a contender, as far as may be.
     *
     * @param line as a consistent answer has just shown it
     * @param place of the contender, whose key is there
     * @param lease its session's, which Consul took
     * @return the line as it is then, with nobody dead before the contender
     */
    Line cleared(Line line, int place, String name, Duration lease, Asker asker) {
        Line now = line;
        KeyEntry own = line.entries().get(place);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int at = now.place(own.key(), own.session());
            if (!now.hasDeadBefore(at)) {
                return now;
            }
            clear(now.entries().subList(0, at), lease, asker);
            now = Line.of(
                    consul.agent().entries(consul.keys().line(name), "look", asker),
                    consul.keys().line(name));
        }
        throw consul.failures().unavailable("look", "the line changes again and again");
    }

    /**
     * Removes the dead of a line's beginning that cannot hold any more, and lets time run for the one that can.
     *
     * @param lease of a session that Consul took
     */
    void clear(List<KeyEntry> beginning, Duration lease, Asker asker) {
        List<KeyEntry> over = new ArrayList<>();
        for (int i = 0; i < beginning.size(); i++) {
            KeyEntry entry = beginning.get(i);
            if (!entry.isDead()) {
                continue;
            }
            // Behind somebody when its session was over: it has never been first, and so has never held.
            if (i > 0 || isOver(entry, asker)) {
                over.add(entry);
            } else {
                outlive(entry, lease, asker);
            }
        }
        bury(over, asker);
    }

    /** Whether the lease of a dead contender has ended as well: its session was not ended early. */
    boolean isOver(KeyEntry dead, Asker asker) {
        Mark.Life life = dead.mark().orElseThrow().life();
        // Not by the CreateIndex, which a node keeps that is renamed away, when its sessions end, and back.
        // Whatever else is written of a node only costs a lease that
        // is measured anew; checks and services do not touch this index.
        return node(life.node(), "ModifyIndex", asker) < life.born();
    }

    /**
     * Since when Consul has had a node without a break: its index then.
     *
     * @param node its name as a URL takes it
     * @return as late as can be when it is not there, or not shown to us
     */
    long registered(String node, Asker asker) {
        return node(node, "CreateIndex", asker);
    }

    private long node(String node, String index, Asker asker) {
        Agent agent = consul.agent();
        Reply reply = agent.get("/v1/catalog/node/" + node + agent.query("consistent"), "look at a node", asker);
        if (reply.status() == 404 || reply.status() == 403) {
            return Long.MAX_VALUE;
        }
        if (reply.status() != 200) {
            throw consul.failures().refused(reply, "look at a node", false);
        }
        return agent.read(reply, "look at a node", body -> {
            JsonElement shown = JsonParser.parseString(body);
            return shown instanceof JsonObject object && object.get("Node") instanceof JsonObject one
                    ? one.get(index).getAsLong()
                    : Long.MAX_VALUE;
        });
    }

    /** Has Consul measure a lease from now on: a session is made after the death was seen, and is never renewed nor ended. */
    private void outlive(KeyEntry dead, Duration lease, Asker asker) {
        Mark mark = dead.mark().orElseThrow();
        Opening.Born born = successor(mark, lease, asker);
        Txn txn = new Txn()
                .checkIndex(dead.key(), dead.modified())
                .lock(dead.key(), born.id(), mark.in(born.life()).text());
        // Refused: somebody was faster, or a copy of this very request was, whose answer did not come. Then the session
        // has the key, and ending it would end the lease early. It is left either way: it ends by its own time.
        consul.agent().transact(txn, "wait for a lease", asker);
    }

    /** For at least as long as the dead one's lease; longer when the servers take none so short by now (session_ttl_min). */
    private Opening.Born successor(Mark mark, Duration taken, Asker asker) {
        String label = mark.label() + ", who has died";
        Duration lease = longer(mark.lease(), consul.capabilities().minimumLease());
        try {
            return consul.opening().brief(label, lease, asker);
        } catch (LockConfigException e) {
            if (taken.compareTo(lease) <= 0) {
                throw e;
            }
            // It was raised, and our settings do not say so: else nobody could ever get this lock again.
            return consul.opening().brief(label, taken, asker);
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Deletes dead entries as they were seen. Those that changed meanwhile are somebody else's business. */
    private void bury(List<KeyEntry> dead, Asker asker) {
        for (int from = 0; from < dead.size(); from += Txn.LIMIT) {
            Txn txn = new Txn();
            dead.subList(from, Math.min(dead.size(), from + Txn.LIMIT)).forEach(e -> txn.delete(e.key(), e.modified()));
            consul.agent().transact(txn, "remove the dead", asker);
        }
    }
}
