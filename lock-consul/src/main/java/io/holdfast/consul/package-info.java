// SPDX-License-Identifier: Apache-2.0
/**
 * Locks in HashiCorp Consul, with consul-api of Ecwid as the client: {@code consul:}, {@code consuls:}.
 *
 * <p>One Consul session a client, one transaction to contend, one to release; order and token are Consul's own index. Class A with one
 * server, class B with several.
 */
@NullMarked
package io.holdfast.consul;

import org.jspecify.annotations.NullMarked;
