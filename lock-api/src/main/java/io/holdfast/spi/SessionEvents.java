// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

/** What a session tells the engine unasked. Calls are accepted on any thread, never block, and may be repeated. */
public interface SessionEvents {
    /**
     * The store has ended the session, or the backend has proof that it will: every grant and place in line of it is gone.
     *
     * @param why for people, without secrets
     */
    void sessionLost(String why);

    /**
     * The session is in doubt, for example because its connection broke. Its holds are suspect until the store acknowledges a renewal that
     * was sent after this call; the engine sends one at once, and again until one is acknowledged.
     *
     * @param why for people, without secrets
     */
    default void sessionSuspect(String why) {}

    /**
     * A grant is gone while its session lives: somebody deleted it, by force or past Holdfast (rule LO-5).
     *
     * @param grant the grant
     * @param why for people, without secrets
     */
    void grantLost(Grant grant, String why);
}
