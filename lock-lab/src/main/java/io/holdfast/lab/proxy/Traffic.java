// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

/**
 * What has passed a proxy since it was opened: a snapshot; subtract two of them for the traffic in between.
 *
 * @param opened connections accepted from clients
 * @param open connections of which at least one side is still open
 * @param cut connections that the proxy ended on its own account: a cut, a reset of all, a half-open connection, a target
 *     that did not answer
 * @param requestBytes bytes delivered to the target
 * @param replyBytes bytes delivered to clients
 * @param swallowedBytes bytes read and never delivered, either way
 * @param flights how often a client began to send: its first bytes, and each later time that it sent something after
 *     something came from the target; requests sent together count once, so this counts round trips begun
 */
public record Traffic(
        long opened, long open, long cut, long requestBytes, long replyBytes, long swallowedBytes, long flights) {}
