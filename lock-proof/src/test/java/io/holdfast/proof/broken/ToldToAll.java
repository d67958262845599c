// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** The store's message that a grant is gone ends every client that listens, whoever had it. */
final class ToldToAll implements Fault {
    private final List<SessionEvents> listening = new CopyOnWriteArrayList<>();

    @Override
    public LockBackend on(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<LockSession> openSession(SessionOptions options, SessionEvents events) {
                listening.add(events);
                return super.openSession(options, new SessionEvents() {
                    @Override
                    public void sessionLost(String why) {
                        events.sessionLost(why);
                    }

                    @Override
                    public void grantLost(Grant grant, String why) {
                        listening.forEach(each -> each.sessionLost(why));
                    }
                });
            }
        };
    }
}
