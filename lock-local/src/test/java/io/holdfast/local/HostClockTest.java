// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostClockTest {
    @Test
    void readsTheKernelsUptime() throws IOException {
        assertThat(HostClock.parse("3036.99 4337.29\n")).isEqualTo(3_036_990);
        assertThat(HostClock.parse("0.07 0.00\n")).isEqualTo(70);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12", "a.bc 1", "-1.00 2", "1.5 2"})
    void refusesWhatIsNoUptime(String text) {
        assertThatThrownBy(() -> HostClock.parse(text))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("uptime");
    }

    @Test
    void neverGoesBack() throws IOException {
        HostClock clock = HostClock.system();
        long first = clock.millis();
        assertThat(clock.millis()).isGreaterThanOrEqualTo(first).isPositive();
    }
}
