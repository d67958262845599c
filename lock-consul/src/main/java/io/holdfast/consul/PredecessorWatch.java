// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import io.holdfast.spi.LockRuntime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Waits, for one contender, until the one before it in line is gone: a release wakes that one contender and nobody else. */
final class PredecessorWatch extends Watch {
    private final ConsulContender contender;
    private final Waits waits;
    private @Nullable KeyEntry watched;
    private long index;

    PredecessorWatch(Agent agent, ConsulContender contender, Waits waits) {
        super(agent);
        this.contender = contender;
        this.waits = waits;
    }

    @Override
    Step failed() {
        waits.fold(contender);
        return Step.END;
    }

    @Override
    void refused() {
        waits.refused(this);
    }

    @Override
    @Nullable
    LockRuntime runtime() {
        return contender.isWaiting() ? contender.session().options().runtime() : null;
    }

    @Override
    Step step(boolean doubtful, Asker asker) {
        KeyEntry predecessor = contender.predecessor();
        if (doubtful || predecessor == null || predecessor.isDead()) {
            contender.look(asker);
            predecessor = contender.predecessor();
        }
        if (predecessor == null || !contender.isWaiting()) {
            return Step.END;
        }
        if (watched == null || !watched.isSame(predecessor)) {
            watched = predecessor;
            index = predecessor.modified();
        }
        Reply reply = agent.await(predecessor.key(), "consistent&", index, asker);
        List<KeyEntry> shown = agent.entries(reply, "wait");
        KeyEntry own = contender.own();
        // As the leader of a majority has it now, and with nothing older than what was seen before: its turn has come.
        if (shown.isEmpty() && own != null && reply.index() >= index && contender.followsFirst(predecessor)) {
            contender.session().first(contender, own);
            return Step.END;
        }
        if (shown.isEmpty() || !shown.get(0).stands(predecessor)) {
            // It may only have given up, with others before it, or its session has ended: the line decides.
            contender.look(asker);
            return contender.isWaiting() ? next(predecessor) : Step.END;
        }
        index = after(index, reply.index());
        return Step.PAUSE;
    }

    /** A query that ends again and again for nothing, as of a server that has older data, is not begun anew at once. */
    private Step next(KeyEntry before) {
        KeyEntry now = contender.predecessor();
        return now != null && now.stands(before) ? Step.PAUSE : Step.AHEAD;
    }
}
