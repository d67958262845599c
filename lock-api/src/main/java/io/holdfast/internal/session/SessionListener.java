// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

/** What a client hears of its sessions. */
public interface SessionListener {
    /** A round of renewals is about to be sent. */
    void roundBegins();

    /** Something that the store had to confirm is confirmed, or given up. */
    void settled();

    /** The store still does not answer; told from time to time while that lasts. */
    void outageGoesOn();
}
