// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.ecwid.consul.v1.ConsulRawClient;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.line.LineBackend;
import java.util.List;
import java.util.Objects;

/**
 * Locks in Consul, by consul-api of Ecwid: a line of keys for every name, each tied to its client's session.
 *
 * <p>A session that is not renewed may live for up to twice its lease. A contender's place and token are the index at which Consul made its
 * key. Class A with one server. Class B with several, which can end a session that is renewed (docs/backends/consul.md), and over a lent
 * client, whose servers are not counted. Thread-safe; a call blocks until its request is answered or has timed out.
 */
public final class ConsulBackend extends LineBackend {
    ConsulBackend(ConsulLine line, BackendConfig config) {
        super(line, config);
    }

    ConsulBackend(ConsulLine line) {
        super(line);
    }

    /**
     * A backend over consul-api's client of the caller's own, with the usual settings, except that all waiters share one connection, since
     * it is not known how many the client has. With {@link #using(ConsulRawClient, ConsulSettings)} it may be told.
     *
     * @param client it must send the ACL token by itself, and be able to wait for as long as {@link ConsulSettings#pollInterval}.
     *     (A {@code ConsulClient} will not do: it has no transactions, and does not tell its raw client.)
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     */
    public static ConsulBackend using(ConsulRawClient client) {
        return using(client, ConsulSettings.DEFAULTS.withWaitConnections(0));
    }

    /**
     * A backend over consul-api's client of the caller's own. Its requests end when that client says so: interrupting, giving up and
     * closing do not break them off.
     *
     * @param client as above, with {@code waitConnections} + 14 connections a host at least
     * @param settings prefix, times and connections; what a {@link io.holdfast.LockConfig} says of them is not read
     * @return a backend; closing it ends the sessions opened through it and leaves the client open
     */
    public static ConsulBackend using(ConsulRawClient client, ConsulSettings settings) {
        return new ConsulBackend(new ConsulLine(
                new Transport.Lent(Objects.requireNonNull(client, "client")),
                Objects.requireNonNull(settings, "settings"),
                "consul (a lent client)",
                List.of()));
    }
}
