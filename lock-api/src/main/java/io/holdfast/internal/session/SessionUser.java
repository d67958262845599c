// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

/** Who has asked for a session, or for a renewal of it, and is told when there is one. Both calls return at once. */
public interface SessionUser {
    /** What was asked for is there: look again. */
    void goOn();

    /** No session could be opened. */
    void sessionFailed(RuntimeException why);
}
