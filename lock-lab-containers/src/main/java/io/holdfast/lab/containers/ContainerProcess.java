// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.DockerClientException;
import io.holdfast.lab.server.ServerHost.Plan;
import io.holdfast.lab.server.ServerHost.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.utility.DockerImageName;

/** One node: a container that is started again as often as the node is. */
final class ContainerProcess implements ServerProcess {
    private static final int END_LIMIT_SECONDS = 30;

    private final DockerClient docker = DockerClientFactory.instance().client();
    private final Plan plan;
    private final GenericContainer<?> container;
    private @Nullable List<String> startedWith;

    ContainerProcess(Plan plan, String network, Map<String, String> environment) {
        this.plan = plan;
        String directory = plan.directory().toString();
        container = new GenericContainer<>(DockerImageName.parse(plan.kind().image()))
                .withEnv(environment)
                .withNetworkMode(network)
                // Under the same path, so that configuration files mean the same inside and outside.
                .withFileSystemBind(directory, directory, BindMode.READ_WRITE)
                .withStartupCheckStrategy(new Started());
        // The kit has its own ready checks.
        container.setWaitStrategy(null);
    }

    @Override
    public void start(List<String> arguments) throws IOException {
        if (startedWith == null) {
            startedWith = List.copyOf(arguments);
            List<String> programs = plan.kind().programs();
            String user = owner(plan.directory());
            container.withCreateContainerCmdModifier(command -> command
                    // Not the image's own entry point, which may change user or arguments.
                    .withEntrypoint(programs.get(programs.size() - 1))
                    .withCmd(arguments)
                    // What it writes must be ours to delete.
                    .withUser(user));
            ContainerRoom.start(container);
        } else if (startedWith.equals(arguments)) {
            docker.startContainerCmd(container.getContainerId()).exec();
        } else {
            throw new IOException("a container starts again with the arguments it was made with: " + startedWith);
        }
    }

    private static String owner(Path directory) throws IOException {
        return Files.getAttribute(directory, "unix:uid") + ":" + Files.getAttribute(directory, "unix:gid");
    }

    @Override
    public boolean isRunning() {
        return container.getContainerId() != null
                && Boolean.TRUE.equals(docker.inspectContainerCmd(container.getContainerId())
                        .exec()
                        .getState()
                        .getRunning());
    }

    @Override
    public void signal(String name) {
        if (!isRunning()) {
            throw new IllegalStateException("the server in " + plan.directory() + " does not run");
        }
        String id = container.getContainerId();
        switch (name) {
            // By the engine's own means, which return when every process in the container has stopped.
            case "STOP" -> docker.pauseContainerCmd(id).exec();
            case "CONT" -> docker.unpauseContainerCmd(id).exec();
            default -> docker.killContainerCmd(id).withSignal(name).exec();
        }
    }

    @Override
    public void awaitEnd() {
        try (WaitContainerResultCallback end =
                docker.waitContainerCmd(container.getContainerId()).exec(new WaitContainerResultCallback())) {
            end.awaitStatusCode(END_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (DockerClientException e) {
            throw new IllegalStateException("the server in " + plan.directory() + " does not end:\n" + log(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("the engine was not heard of the end of " + plan.directory(), e);
        }
    }

    @Override
    public String log() {
        return container.getContainerId() == null ? "" : container.getLogs();
    }

    void remove() {
        container.stop();
    }

    /** Started is enough: that it may end at once is for the kit to find out, which then shows its log. */
    private static final class Started extends StartupCheckStrategy {
        @Override
        public StartupStatus checkStartupState(DockerClient client, String containerId) {
            return StartupStatus.SUCCESSFUL;
        }
    }
}
