// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemporaryPlacesTest {
    private final TemporaryPlaces places = TemporaryPlaces.of("/none/run-1", "/none/tmp", null, "not/absolute");

    @ParameterizedTest
    @CsvSource({
        "/tmp, ext4, nobody has touched",
        "/var/tmp/locks/x, ext4, nobody has touched",
        "/none/tmp/x, ext4, nobody has touched",
        "/none/run-1/locks, tmpfs, last login",
        "/run/user/1000/x, tmpfs, last login",
        "/run/lock, tmpfs, next start",
        "/dev/shm/x, tmpfs, next start",
        "/srv/memory, tmpfs, next start",
    })
    void isTold(Path place, String type, String what) {
        assertThat(places.whatHappensTo(place, type))
                .hasValueSatisfying(told -> assertThat(told).contains(what));
    }

    @ParameterizedTest
    @CsvSource({"/var/lib/app/locks, ext4", "/tmpfiles, xfs", "/running, xfs", "/home/ann, btrfs"})
    void staysAsFarAsIsKnown(Path place, String type) {
        assertThat(places.whatHappensTo(place, type)).isEmpty();
    }
}
