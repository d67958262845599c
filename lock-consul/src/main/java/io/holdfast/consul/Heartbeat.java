// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.line.Seat;
import io.holdfast.spi.line.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Renews a session, on connections that no other request takes, within half a lease (rule KE-3). Thread-safe.
 *
 * <p>A renewal counts once the leader has shown, after it was answered, that it has the session still, and nothing older than what it
 * told before: a leader that was deposed answers renewals from memory, and after a restore the session may be that of a backup.
 */
final class Heartbeat {
    private static final String WHAT = "renew";

    private final ConsulSession session;
    private final AtomicInteger underWay = new AtomicInteger();

    Heartbeat(ConsulSession session) {
        this.session = session;
    }

    /** One round; blocks. What more there is to look at than one request can is looked at in the background. */
    Map<Ticket, Seat> round(List<ConsulContender> contenders) {
        LockClock clock = session.options().runtime().clock();
        long sentAt = clock.nanoTime();
        long limit = session.lease().toNanos() / 2;
        if (underWay.getAndIncrement() > 0) {
            session.agent().tryAnother(); // where one round hangs, the next may, too
        }
        try {
            renew(asker(limit), () -> asker(limit - (clock.nanoTime() - sentAt)));
            Checks checks = new Checks(session, contenders);
            checks.first(asker(limit - (clock.nanoTime() - sentAt)));
            session.renewed(sentAt);
            checks.goOn();
            return checks.seats();
        } finally {
            underWay.decrementAndGet();
        }
    }

    private Asker asker(long nanos) {
        return session.agent().renewing(session.options().runtime(), Duration.ofNanos(Math.max(1, nanos)));
    }

    private void renew(Asker asker, Supplier<Asker> next) {
        Agent agent = session.agent();
        Reply reply = agent.put("/v1/session/renew/" + session.id() + agent.query(""), "", WHAT, asker);
        if (reply.status() == 404) {
            // A leader that still replays its log answers this of a session that is in the log's tail, and would have
            // every hold of ours lost. A consistent read waits until it has caught up.
            if (session.own().hasGuard(WHAT, next.get())) {
                throw session.failures().unavailable(WHAT, "the leader does not know the session yet");
            }
            session.lost("Consul has ended the session");
            throw session.failures().unavailable(WHAT, "the session has ended");
        }
        if (reply.status() != 200) {
            throw session.failures().refused(reply, WHAT, true);
        }
    }
}
