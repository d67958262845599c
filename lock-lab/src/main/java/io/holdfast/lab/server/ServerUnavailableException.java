// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import org.opentest4j.TestAbortedException;

/** This machine cannot have such a server: JUnit counts a test that meets it as skipped, with this message as the reason. */
public final class ServerUnavailableException extends TestAbortedException {
    private static final long serialVersionUID = 1L;

    /**
     * With a reason.
     *
     * @param reason what is missing, and how to get it
     */
    public ServerUnavailableException(String reason) {
        super(reason);
    }

    /**
     * With a reason and a cause.
     *
     * @param reason what is missing, and how to get it
     * @param cause what it was found out by
     */
    public ServerUnavailableException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
