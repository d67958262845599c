// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;

/**
 * The key of a contender.
 *
 * @param line what the keys of its name begin with
 * @param slot which of its session's keys in that line; negative when none was free, and then it is never sent
 * @param text the key
 * @param lineBytes the line as jetcd takes it
 * @param bytes the key as jetcd takes it
 */
record ContenderKey(String line, int slot, String text, ByteSequence lineBytes, ByteSequence bytes) {
    static ContenderKey of(String line, long lease, int slot) {
        String text = LockKeys.contender(line, lease, slot);
        return new ContenderKey(line, slot, text, LockKeys.bytes(line), LockKeys.bytes(text));
    }
}
