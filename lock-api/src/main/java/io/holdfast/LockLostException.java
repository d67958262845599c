// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

/**
 * A hold was lost before its owner released it.
 *
 * <p>Re-entering and releasing a lost {@link DistributedLock} throw it, once per level of the hold; afterwards the same owner can acquire
 * again (rule RE-5). {@link LockHandle#close()} and {@link LockClient#withLock} throw it, too. It is an {@link
 * IllegalMonitorStateException} because that is what a caller of a JDK or Redisson lock is prepared for. What was done since the loss may
 * have overlapped with another holder: the protected resource must refuse the old token.
 */
public final class LockLostException extends IllegalMonitorStateException {
    private static final long serialVersionUID = 1;

    private final transient LockLoss loss;

    /**
     * An exception for one loss.
     *
     * @param loss what was lost
     * @param store the store, without secrets
     */
    public LockLostException(LockLoss loss, String store) {
        super("lock '" + LockNames.printable(loss.name()) + "' in " + store + " was lost while held (fencing token "
                + loss.fencingToken() + "): " + LockNames.printable(loss.reason())
                + "; whatever was done under it since may have met another holder, so check it by the token");
        this.loss = loss;
    }

    /**
     * What was lost.
     *
     * @return the loss; null in an exception that was deserialised
     */
    public LockLoss loss() {
        return loss;
    }
}
