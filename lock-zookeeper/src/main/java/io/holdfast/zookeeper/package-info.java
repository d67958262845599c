// SPDX-License-Identifier: Apache-2.0
/**
 * Locks in Apache ZooKeeper, with Curator as the client: {@code zookeeper:} and {@code zk:}, with TLS {@code zookeepers:} and {@code
 * zks:}.
 *
 * <p>Contenders are ephemeral sequential nodes under a container node, in the layout of Curator's own {@code InterProcessMutex}, so
 * that both exclude each other. Class A: what a client believes of its session is proved by writes.
 */
@NullMarked
package io.holdfast.zookeeper;

import org.jspecify.annotations.NullMarked;
