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
        long seen = contender.lineOfTwo();
        return seen > 0 ? waitForLine(predecessor, seen, asker) : waitForKey(predecessor, asker);
    }

    /**
     * A line of two is as short an answer as the key of the first, and shows this one, too: where it is first now, and still there, no
     * further look is needed. That the first is gone would not do: its own key may have gone before, and the next one be first.
     */
    private Step waitForLine(KeyEntry predecessor, long seen, Asker asker) {
        String start = contender.session().keys().line(contender.ticket().name());
        Reply reply = agent.await(start, "recurse&consistent&", seen, asker);
        Line line = Line.of(agent.entries(reply, "wait"), start);
        if (reply.index() < seen) {
            contender.look(asker); // of data that are gone: what it shows is no news
        } else {
            contender.sees(line, reply.index(), asker);
        }
        if (contender.isWaiting() && contender.lineOfTwo() == 0) {
            return Step.AHEAD; // somebody came: from now on by the key
        }
        return contender.isWaiting() ? next(predecessor) : Step.END;
    }

    private Step waitForKey(KeyEntry predecessor, Asker asker) {
        if (watched == null || !watched.isSame(predecessor)) {
            watched = predecessor;
            index = predecessor.modified();
        }
        Reply reply = agent.await(predecessor.key(), "", index, asker);
        List<KeyEntry> shown = agent.entries(reply, "wait");
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
