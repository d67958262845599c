// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.containers;

import io.holdfast.lab.server.ServerHost;
import io.holdfast.lab.server.ServerUnavailableException;
import io.holdfast.lab.server.StoreKind;
import java.util.Optional;
import org.testcontainers.DockerClientFactory;

/**
 * Containers as a place for servers: {@code holdfast.servers=docker}, and what is used by default where an engine answers.
 *
 * <p>The image of a kind is {@link StoreKind#image()}. One small container more for each server, of the image named by {@code
 * holdfast.servers.image.room} ({@code busybox:1.36}), owns the ports and the network that the server's nodes share; so a node
 * that starts again has its old address, and the nodes of a cluster reach each other and their clients under one address.
 * Thread-safe.
 */
public final class ContainerHost implements ServerHost {
    /** Made by the service loader. */
    public ContainerHost() {}

    @Override
    public String name() {
        return "docker";
    }

    @Override
    public Optional<String> obstacle() {
        try {
            return DockerClientFactory.instance().isDockerAvailable()
                    ? Optional.empty()
                    : Optional.of("no container engine answers");
        } catch (RuntimeException e) {
            return Optional.of("the container engine cannot be used: " + e.getMessage());
        }
    }

    /** A published port reaches a container on an address that is not its loopback address. */
    @Override
    public String listenAddress() {
        return "0.0.0.0";
    }

    /** The engine itself listens on published ports, and need not allow the address to be reused. */
    @Override
    public boolean keepsPorts() {
        return false;
    }

    /** The images of databases make theirs by programs of their own, as other users. */
    @Override
    public boolean serves(StoreKind kind) {
        return kind != StoreKind.POSTGRESQL_15 && kind != StoreKind.MARIADB_10_11;
    }

    @Override
    public Room open(Plan plan) {
        if (plan.movableClock()) {
            throw new ServerUnavailableException(
                    "a movable clock needs holdfast.servers=programs: a library that is loaded"
                            + " into the server must fit the C library of its image");
        }
        ContainerRoom room = new ContainerRoom(plan);
        room.open();
        return room;
    }
}
