// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

import io.holdfast.spi.Grant;
import io.holdfast.spi.SessionEvents;
import org.jspecify.annotations.Nullable;

/** A session is lost while it is being opened: its events come before it is known. */
final class EarlyEvents implements SessionEvents {
    private @Nullable StoreSession target;
    private @Nullable String lost;

    @Override
    public void sessionLost(String why) {
        StoreSession t;
        synchronized (this) {
            lost = why;
            t = target;
        }
        if (t != null) {
            t.sessionLost(why);
        }
    }

    @Override
    public void sessionSuspect(String why) {
        StoreSession t;
        synchronized (this) {
            t = target;
        }
        if (t != null) {
            t.sessionSuspect(why);
        }
    }

    @Override
    public void grantLost(Grant grant, String why) {
        StoreSession t;
        synchronized (this) {
            t = target;
        }
        if (t != null) {
            t.grantLost(grant, why);
        }
    }

    void attach(StoreSession session) {
        String why;
        synchronized (this) {
            target = session;
            why = lost;
        }
        if (why != null) {
            session.sessionLost(why);
        }
    }
}
