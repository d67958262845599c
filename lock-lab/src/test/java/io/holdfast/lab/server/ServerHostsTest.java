// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.lab.server.ServerHost.ServerProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where servers run, and what is said when they cannot. */
class ServerHostsTest {
    private final FakeHost programs = new FakeHost("programs", Optional.empty());

    @Test
    void choosesWhatCanBeUsedNow() {
        FakeHost docker = new FakeHost("docker", Optional.empty());
        FakeHost noDocker = new FakeHost("docker", Optional.of("no engine answers"));
        assertThat(ServerHosts.choose("auto", List.of(docker), programs)).isSameAs(docker);
        assertThat(ServerHosts.choose("auto", List.of(noDocker), programs)).isSameAs(programs);
        assertThat(ServerHosts.choose("auto", List.of(), programs)).isSameAs(programs);
        assertThat(ServerHosts.choose("docker", List.of(docker), programs)).isSameAs(docker);
        assertThat(ServerHosts.choose("programs", List.of(docker), programs)).isSameAs(programs);
        assertThatThrownBy(() -> ServerHosts.choose("docker", List.of(noDocker), programs))
                .isInstanceOf(ServerUnavailableException.class)
                .hasMessage("holdfast.servers is 'docker', but no engine answers");
        assertThatThrownBy(() -> ServerHosts.choose("podman", List.of(docker), programs))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("holdfast.servers is 'podman'; on this class path it can be auto, docker, programs");
    }

    @Test
    void aMissingServerIsASkipWithItsReasonAndInCiAFailure(@TempDir Path empty) {
        ServerHost nothing = new ProgramHost(empty, empty.toString());
        ServerSpec spec = StoreKind.REDIS_8.spec();
        assertThatThrownBy(() -> spec.start(() -> nothing, false))
                .isInstanceOf(ServerUnavailableException.class)
                .hasMessageContaining("redis-server-8 or redis-server is neither in " + empty.resolve("bin"))
                .hasMessageContaining("servers/install.sh");
        assertThatThrownBy(() -> spec.start(() -> nothing, true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("CI=true allows no skip")
                .hasMessageContaining("redis-server-8");
    }

    @Test
    void triesOtherPortsWhenSomebodyWasFaster() {
        programs.log = "Could not create server TCP listening socket 127.0.0.1:7: bind: Address already in use";
        assertThatThrownBy(() -> StoreKind.REDIS_7.spec().start(() -> programs, false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Address already in use");
        assertThat(programs.rooms).isEqualTo(3);
    }

    @Test
    void triesNothingElseWhenTheServerEndsForAnotherReason() {
        programs.log = "Bad directive";
        assertThatThrownBy(() -> StoreKind.REDIS_7.spec().start(() -> programs, false))
                .hasMessageContaining("Bad directive");
        assertThat(programs.rooms).isEqualTo(1);
        assertThat(programs.openRooms).isZero();
    }

    /** Its processes end as soon as they have started. */
    private static final class FakeHost implements ServerHost {
        private final String name;
        private final Optional<String> obstacle;
        private String log = "";
        private int rooms;
        private int openRooms;

        FakeHost(String name, Optional<String> obstacle) {
            this.name = name;
            this.obstacle = obstacle;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Optional<String> obstacle() {
            return obstacle;
        }

        @Override
        public String listenAddress() {
            return "127.0.0.1";
        }

        @Override
        public boolean keepsPorts() {
            return true;
        }

        @Override
        public Room open(Plan plan) {
            rooms++;
            openRooms++;
            return new Room() {
                @Override
                public ServerProcess place(Path directory, Map<String, String> environment) {
                    return new Ended();
                }

                @Override
                public void close() {
                    openRooms--;
                }
            };
        }

        private final class Ended implements ServerProcess {
            @Override
            public void start(List<String> arguments) {}

            @Override
            public boolean isRunning() {
                return false;
            }

            @Override
            public void signal(String signal) {}

            @Override
            public void awaitEnd() {}

            @Override
            public String log() {
                return log;
            }
        }
    }
}
