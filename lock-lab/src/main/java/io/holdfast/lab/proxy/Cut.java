// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

/** How a connection is ended. */
public enum Cut {
    /** At once, with a TCP reset (RST) to both sides: what is under way is lost, and reads fail. */
    RESET,
    /** In order, with an end of stream (FIN) to both sides: what was delivered can be read, then reads end. */
    END
}
