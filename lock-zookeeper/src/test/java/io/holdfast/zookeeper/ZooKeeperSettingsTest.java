// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

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
class ZooKeeperSettingsTest {
    private static final ZooKeeperSettings USUAL = ZooKeeperSettings.DEFAULTS;

    static Stream<Arguments> outOfRange() {
        return Stream.of(
                refused("prefix", usual -> usual.withPrefix("a b")),
                refused("connect-timeout", usual -> usual.withConnectTimeout(Duration.ZERO)),
                refused("connect-timeout", usual -> usual.withConnectTimeout(Duration.ofDays(366))),
                refused("operation-timeout", usual -> usual.withOperationTimeout(Duration.ofNanos(1))),
                refused("operation-timeout", usual -> usual.withOperationTimeout(Duration.ofDays(366))),
                refused("tick", usual -> usual.withTick(Duration.ZERO)),
                refused("tick", usual -> usual.withTick(Duration.ofHours(2))),
                refused("prefix", usual -> usual.withPrefix("zookeeper/x")),
                refused("prefix", usual -> usual.withPrefix("a/../b")));
    }

    private static Arguments refused(String key, UnaryOperator<ZooKeeperSettings> change) {
        return Arguments.of(key, change);
    }

    @ParameterizedTest
    @MethodSource("outOfRange")
    void cf5_a_value_out_of_its_range_is_refused_by_its_key(String key, UnaryOperator<ZooKeeperSettings> change) {
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
        assertThat(USUAL.withTick(Duration.ofSeconds(7)).tick()).isEqualTo(Duration.ofSeconds(7));
        assertThat(USUAL.withTick(Duration.ofSeconds(7)).withTick(USUAL.tick())).isEqualTo(USUAL);
        assertThat(USUAL.withCreatorOnly(true).creatorOnly()).isEqualTo(true);
        assertThat(USUAL.withCreatorOnly(true).withCreatorOnly(USUAL.creatorOnly()))
                .isEqualTo(USUAL);
    }
}
