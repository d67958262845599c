// SPDX-License-Identifier: Apache-2.0
package io.holdfast.memory;

/**
 * What tells one lock of a store from another: two parts kept apart, so that no prefix and name can add up to another pair.
 *
 * @param prefix the backend's
 * @param name the lock's
 */
record LockKey(String prefix, String name) {}
