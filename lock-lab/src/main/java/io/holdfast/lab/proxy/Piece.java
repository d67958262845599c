// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.nio.ByteBuffer;

/**
 * Something on its way from one side of a connection to the other: bytes, or the end of the stream.
 *
 * @param kind what it is
 * @param bytes the bytes not yet delivered; empty at an end
 * @param due when it may be delivered, on the loop's clock
 */
record Piece(Kind kind, ByteBuffer bytes, long due) {
    enum Kind {
        BYTES,
        /** The sender ended its stream. */
        END,
        /** The sender's side is gone. */
        RESET
    }
}
