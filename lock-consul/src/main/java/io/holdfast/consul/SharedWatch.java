// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import io.holdfast.spi.LockRuntime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits, on one connection, for all contenders that have none of their own: a query over the keys of all locks, which every change
 * of any lock ends. It pauses for 50 to 100 ms between two of them, and one look at the line is made only for a contender whose
 * predecessor is gone.
 */
final class SharedWatch extends Watch {
    private final LockKeys keys;
    private final Supplier<List<ConsulContender>> contenders;
    private long index;

    SharedWatch(Agent agent, LockKeys keys, Supplier<List<ConsulContender>> contenders) {
        super(agent);
        this.keys = keys;
        this.contenders = contenders;
    }

    @Override
    @Nullable
    LockRuntime runtime() {
        List<ConsulContender> waiting = contenders.get();
        return waiting.isEmpty() ? null : waiting.get(0).session().options().runtime();
    }

    @Override
    Step step(boolean doubtful, Asker asker) {
        if (doubtful) {
            index = 0;
        }
        Reply reply = agent.await(keys.root(), "keys&", index, asker);
        Set<String> present = new HashSet<>(agent.keys(reply));
        for (ConsulContender contender : contenders.get()) {
            Entry predecessor = contender.predecessor();
            // A key that is there again was made by a contender further back; the next renewal finds that out.
            if (predecessor == null || !present.contains(predecessor.key())) {
                contender.look(agent.asker(asker.runtime()));
            }
        }
        index = after(index, reply.index());
        return Step.PAUSE;
    }
}
