// SPDX-License-Identifier: Apache-2.0
/**
 * Locks in Redis or Valkey, with Redisson as the client: {@code redis:}, {@code rediss:}, {@code valkey:}, {@code valkeys:}.
 *
 * <p>One Lua script a step, on keys of one hash slot, by the server's clock alone. Class B: Redis expires by its wall clock,
 * may evict, and fails over asynchronously, so guard what matters by the fencing token.
 */
@NullMarked
package io.holdfast.redis;

import org.jspecify.annotations.NullMarked;
