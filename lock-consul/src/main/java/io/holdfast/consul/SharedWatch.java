// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import io.holdfast.spi.LockRuntime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Waits, on one connection, for all contenders that have none of their own: a query over all locks, which every change of any
 * lock ends. It pauses for 50 to 100 ms between two of them, and one look at the line is made only for a contender whose
 * predecessor is gone.
 */
final class SharedWatch extends Watch {
    private final LockKeys keys;
    private final Waits waits;
    private long index;

    SharedWatch(Agent agent, LockKeys keys, Waits waits) {
        super(agent);
        this.keys = keys;
        this.waits = waits;
    }

    @Override
    void refused() {
        waits.refused(this);
    }

    @Override
    @Nullable
    LockRuntime runtime() {
        List<ConsulContender> waiting = waits.sharing();
        return waiting.isEmpty() ? null : waiting.get(0).session().options().runtime();
    }

    @Override
    Step step(boolean doubtful, Asker asker) {
        if (doubtful) {
            index = 0;
            // Each by its own line: all together may be too much for an answer, with what others have put there.
            waits.sharing().forEach(contender -> contender.look(agent.asker(asker.runtime())));
        }
        Reply reply = agent.await(keys.root(), "recurse&", index, asker);
        show(agent.entries(reply, "wait"), asker);
        index = after(index, reply.index());
        waits.calm();
        return Step.PAUSE;
    }

    /** Has those look whose predecessor does not stand as it did. */
    private void show(List<KeyEntry> entries, Asker asker) {
        Map<String, KeyEntry> present = new HashMap<>();
        entries.forEach(entry -> present.put(entry.key(), entry));
        for (ConsulContender contender : waits.sharing()) {
            KeyEntry predecessor = contender.predecessor();
            // By its entry, not by its key: a key that is there again was made by a contender further back.
            KeyEntry now = predecessor == null ? null : present.get(predecessor.key());
            if (predecessor == null || predecessor.isDead() || now == null || !now.stands(predecessor)) {
                contender.look(agent.asker(asker.runtime()));
            }
        }
    }
}
