// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.containers;

import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import io.holdfast.lab.server.ServerHost.Plan;
import io.holdfast.lab.server.ServerHost.Room;
import io.holdfast.lab.server.ServerHost.ServerProcess;
import io.holdfast.lab.server.ServerUnavailableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** The containers of one server: the one that owns ports and network, and one for each node. */
final class ContainerRoom implements Room {
    private static final String ROOM_IMAGE = System.getProperty(
            "holdfast.servers.image.room", System.getenv().getOrDefault("HOLDFAST_SERVERS_IMAGE_ROOM", "busybox:1.36"));

    private final Plan plan;
    private final GenericContainer<?> room;
    private final List<ContainerProcess> nodes = new ArrayList<>();

    ContainerRoom(Plan plan) {
        this.plan = plan;
        this.room = new GenericContainer<>(DockerImageName.parse(ROOM_IMAGE));
    }

    /** Takes the ports. */
    void open() {
        List<PortBinding> bindings = plan.clientPorts().stream()
                .map(port -> new PortBinding(Ports.Binding.bindIpAndPort("127.0.0.1", port), ExposedPort.tcp(port)))
                .toList();
        room.withCreateContainerCmdModifier(command -> {
            command.withEntrypoint("sleep").withCmd("2147483647");
            command.withExposedPorts(
                    bindings.stream().map(PortBinding::getExposedPort).toList());
            // Fixed ports: a client reconnects to the address it knows.
            command.getHostConfig().withPortBindings(bindings);
        });
        start(room);
    }

    /** An image that cannot be had is a reason to skip, whatever else goes wrong is not. */
    static void start(GenericContainer<?> container) {
        try {
            container.start();
        } catch (ContainerFetchException e) {
            throw new ServerUnavailableException(
                    "no image " + container.getDockerImageName() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public ServerProcess place(Path directory, Map<String, String> environment) {
        ContainerProcess node = new ContainerProcess(plan, "container:" + room.getContainerId(), environment);
        nodes.add(node);
        return node;
    }

    @Override
    public void close() {
        nodes.forEach(ContainerProcess::remove);
        room.stop();
    }
}
