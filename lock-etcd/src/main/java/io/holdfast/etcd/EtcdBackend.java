// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.Client;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.line.LineBackend;
import java.util.Objects;

/**
 * Locks in an etcd cluster, by jetcd: a line of keys for every name, first come first served by their create revisions.
 *
 * <p>Class A in two cases: the address names every member of the cluster and each says at open that it has the whole fix of etcd#15247
 * (3.4.31 to 3.4.33, 3.5.13 to 3.5.15); or the cluster has one member only, and that has at least a part of it (also 3.4.34, 3.5.16, 3.6.0
 * and newer). Class B otherwise, and over every lent client, whose members are not asked. Thread-safe; blocks in {@link #close()} only.
 */
public final class EtcdBackend extends LineBackend {
    EtcdBackend(EtcdLine line, BackendConfig config) {
        super(line, config);
    }

    private EtcdBackend(EtcdLine line) {
        super(line);
    }

    /**
     * A backend over a jetcd client of the caller's own, with the usual settings.
     *
     * @param client connected to the cluster; it stays the caller's. No task may block in its executor
     * @return a backend of class B; closing it ends the sessions opened through it and leaves the client open
     */
    public static EtcdBackend using(Client client) {
        return using(client, EtcdSettings.DEFAULTS);
    }

    /**
     * A backend over a jetcd client of the caller's own.
     *
     * @param client as above
     * @param settings prefix and times; what a {@link io.holdfast.LockConfig} says of them is not read
     * @return a backend of class B; closing it ends the sessions opened through it and leaves the client open
     */
    public static EtcdBackend using(Client client, EtcdSettings settings) {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(settings, "settings");
        return new EtcdBackend(EtcdLine.lent(client, settings));
    }
}
