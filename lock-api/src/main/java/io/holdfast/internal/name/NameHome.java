// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.internal.context.Engine;
import io.holdfast.internal.session.SessionUser;
import io.holdfast.spi.LockClock;

/** What the parts of one name share: its mutex, what it is called, the client's context, and the step that follows a change. */
abstract class NameHome extends Serial implements SessionUser, Place.Told, Hold.Home {
    final String name;
    final Engine engine;

    /** Whether requests that come of the action under way may block the thread that runs it. Guarded by the mutex. */
    boolean inline;

    NameHome(String name, Engine engine) {
        this.name = name;
        this.engine = engine;
    }

    /** Takes the next step. Under the mutex, at the end of every change. */
    abstract void proceed();

    /**
     * The contender of the name has its grant. Under the mutex.
     *
     * @param inTime whether its lease is alive; if not, it is given to nobody
     */
    abstract void granted(Place p, boolean inTime);

    /** Sends a request once the mutex is free: on this thread, or on a worker where the request may block and this thread may not. */
    final void callStore(Runnable request) {
        boolean mayBlock = inline;
        after(() -> engine.callStore(request, mayBlock));
    }

    /** As {@link #callStore}, for requests that free nothing: where they block threads, few are on their way at the same time. */
    final void callStoreInTurn(Runnable request) {
        boolean mayBlock = inline;
        after(() -> engine.callStoreInTurn(request, mayBlock));
    }

    @Override
    public final void goOn() {
        deliver(this::proceed);
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final LockClock clock() {
        return engine.clock();
    }
}
