// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

/**
 * Where a waiting contender stands.
 *
 * @param before the key just before its own
 * @param revision of the store when that was so
 */
record Place(String before, long revision) {}
