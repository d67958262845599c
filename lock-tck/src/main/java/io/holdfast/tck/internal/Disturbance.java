// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

/** What a {@link Tap} does to a call. */
public enum Disturbance {
    /** Nothing. */
    NONE,
    /** The request is not sent, and fails with {@code LockUnavailableException}: the store is not reached. */
    REFUSE,
    /** The request is not sent, and its outcome is unknown: it was lost on the way. So is the news of a grant. */
    LOSE_REQUEST,
    /** The request is sent, and its outcome is unknown: the reply was lost. */
    LOSE_REPLY,
    /** The request is not sent, and fails with an error of a store's client, wrapped as stages wrap it. */
    FAIL,
    /** The call itself throws such an error, without a stage. */
    THROW,
    /** The request is sent, and its reply is kept until {@link Tap#deliver}. */
    HOLD_REPLY
}
