// SPDX-License-Identifier: Apache-2.0
/**
 * Locks in etcd, with jetcd as the client: {@code etcd:}, and {@code etcds:} for TLS.
 *
 * <p>One transaction joins the line of a name, a key under the client's lease marks the place, and the key's create revision is
 * the fencing token. Class A where every member is known to have the fix of etcd#15247, class B otherwise: {@link
 * io.holdfast.etcd.EtcdBackend} has the versions.
 */
@NullMarked
package io.holdfast.etcd;

import org.jspecify.annotations.NullMarked;
