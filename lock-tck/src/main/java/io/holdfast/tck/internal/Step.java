// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

/** The calls from the engine to a backend that a {@link Tap} counts and disturbs. */
public enum Step {
    OPEN,
    CONTEND,
    /** Not a call but the news that a waiting contender was granted. */
    WAKE,
    WITHDRAW,
    RELEASE,
    RENEW,
    CLOSE,
    LOOK
}
