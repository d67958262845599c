// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.lab.server.ServerHost;
import io.holdfast.lab.server.ServerUnavailableException;
import io.holdfast.lab.server.StoreKind;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class ContainerHostTest {
    @Test
    void isFound() {
        assertThat(ServiceLoader.load(ServerHost.class))
                .singleElement()
                .isInstanceOf(ContainerHost.class)
                .matches(host -> host.name().equals("docker"));
    }

    @Test
    void saysThatItCannotMoveClocks() {
        ServerHost.Plan plan = new ServerHost.Plan(StoreKind.REDIS_7, Path.of("none"), List.of(1), true);
        assertThatThrownBy(() -> new ContainerHost().open(plan))
                .isInstanceOf(ServerUnavailableException.class)
                .hasMessageContaining("holdfast.servers=programs");
    }
}
