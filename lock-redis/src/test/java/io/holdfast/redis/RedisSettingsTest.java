// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

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
class RedisSettingsTest {
    private static final RedisSettings USUAL = RedisSettings.DEFAULTS;

    static Stream<Arguments> outOfRange() {
        return Stream.of(
                refused("prefix", usual -> usual.withPrefix("a b")),
                refused("connect-timeout", usual -> usual.withConnectTimeout(Duration.ZERO)),
                refused("connect-timeout", usual -> usual.withConnectTimeout(Duration.ofDays(366))),
                refused("operation-timeout", usual -> usual.withOperationTimeout(Duration.ofNanos(1))),
                refused("operation-timeout", usual -> usual.withOperationTimeout(Duration.ofDays(366))),
                refused("poll-interval", usual -> usual.withPollInterval(Duration.ZERO)),
                refused("token-retention", usual -> usual.withTokenRetention(Duration.ofMillis(-1))),
                refused("token-retention", usual -> usual.withTokenRetention(Duration.ofDays(366))));
    }

    private static Arguments refused(String key, UnaryOperator<RedisSettings> change) {
        return Arguments.of(key, change);
    }

    @ParameterizedTest
    @MethodSource("outOfRange")
    void cf5_a_value_out_of_its_range_is_refused_by_its_key(String key, UnaryOperator<RedisSettings> change) {
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
        assertThat(USUAL.withPollInterval(Duration.ofSeconds(7)).pollInterval()).isEqualTo(Duration.ofSeconds(7));
        assertThat(USUAL.withPollInterval(Duration.ofSeconds(7)).withPollInterval(USUAL.pollInterval()))
                .isEqualTo(USUAL);
        assertThat(USUAL.withTokenRetention(Duration.ofSeconds(7)).tokenRetention())
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(USUAL.withTokenRetention(Duration.ofSeconds(7)).withTokenRetention(USUAL.tokenRetention()))
                .isEqualTo(USUAL);
    }
}
