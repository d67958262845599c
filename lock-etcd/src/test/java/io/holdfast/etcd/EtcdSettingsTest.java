// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockConfigException;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a program says of a client that it lends. */
class EtcdSettingsTest {
    private static final EtcdSettings USUAL = EtcdSettings.DEFAULTS;

    static Stream<Arguments> outOfRange() {
        return Stream.of(
                refused("prefix", usual -> usual.withPrefix("a b")),
                refused("connect-timeout", usual -> usual.withConnectTimeout(Duration.ZERO)),
                refused("connect-timeout", usual -> usual.withConnectTimeout(Duration.ofDays(366))),
                refused("operation-timeout", usual -> usual.withOperationTimeout(Duration.ofNanos(1))),
                refused("operation-timeout", usual -> usual.withOperationTimeout(Duration.ofDays(366))),
                refused("watch-streams", usual -> usual.withWatchStreams(-1)),
                refused("watch-streams", usual -> usual.withWatchStreams(10_001)),
                refused("prefix", usual -> usual.withPrefix("a/")));
    }

    private static Arguments refused(String key, UnaryOperator<EtcdSettings> change) {
        return Arguments.of(key, change);
    }

    @ParameterizedTest
    @MethodSource("outOfRange")
    void cf5_a_value_out_of_its_range_is_refused_by_its_key(String key, UnaryOperator<EtcdSettings> change) {
        assertThatThrownBy(() -> change.apply(USUAL))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("setting '" + key + "' is ");
    }

    @Test
    void each_copy_changes_its_own_part_only() {
        assertThat(USUAL.withPrefix("other").prefix()).isEqualTo("other");
        assertThat(USUAL.withPrefix("other").withPrefix(USUAL.prefix())).isEqualTo(USUAL);
        assertThat(USUAL.withConnectTimeout(Duration.ofSeconds(7)).connectTimeout())
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(USUAL.withConnectTimeout(Duration.ofSeconds(7)).withConnectTimeout(USUAL.connectTimeout()))
                .isEqualTo(USUAL);
        assertThat(USUAL.withOperationTimeout(Duration.ofSeconds(7)).operationTimeout())
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(USUAL.withOperationTimeout(Duration.ofSeconds(7)).withOperationTimeout(USUAL.operationTimeout()))
                .isEqualTo(USUAL);
        assertThat(USUAL.withWatchStreams(7).watchStreams()).isEqualTo(7);
        assertThat(USUAL.withWatchStreams(7).withWatchStreams(USUAL.watchStreams()))
                .isEqualTo(USUAL);
    }
}
