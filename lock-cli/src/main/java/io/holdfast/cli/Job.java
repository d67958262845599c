// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

/** COMMAND and all that it started, as its supervision acts on it. */
interface Job {
    /** Sends a signal, by its name without SIG, to COMMAND's process group. */
    void signal(String name);

    /** Asks everybody in COMMAND's session to end. */
    void terminate();

    /** Ends everybody in COMMAND's session. */
    void kill();

    /** Whether somebody of COMMAND's session is still there. */
    boolean isAnybodyLeft();
}
