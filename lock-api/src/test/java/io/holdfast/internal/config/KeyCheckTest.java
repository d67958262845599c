// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.Spelling;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyCheckTest {
    @ParameterizedTest
    @CsvSource({
        "'', '', 0",
        "a, '', 1",
        "'', abc, 3",
        "lease, lease, 0",
        "leas, lease, 1",
        "elase, lease, 1",
        "rnu, run, 1",
        "kitten, sitting, 3",
        "token-base, tokenbase, 1",
        "abc, xyz, 3"
    })
    void distance(String from, String to, int distance) {
        assertThat(Spelling.distance(from, to)).isEqualTo(distance);
        assertThat(Spelling.distance(to, from)).as("the other way").isEqualTo(distance);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0.5S, 500ms",
        "PT30S, 30s",
        "PT1M, 1m",
        "PT60M, 1h",
        "PT24H, 1d",
        "PT90M, 90m",
        "PT25H, 25h",
        "PT0S, 0s",
        "PT0.0000005S, PT0.0000005S"
    })
    void durationsAreShownInTheFormInWhichTheyAreRead(String value, String shown) {
        assertThat(DurationFormat.show(Duration.parse(value))).isEqualTo(shown);
        assertThat(DurationFormat.parse(shown)).isEqualTo(Duration.parse(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password",
                "PASSWORD",
                "acl-token",
                "token",
                "client-secret",
                "tls.key",
                "reports.password",
                "pass",
                "passphrase",
                "credential",
                "api-key"
            })
    void secretKeys(String key) {
        assertThat(SecretKeys.isSecret(key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"token-base", "token-retention", "password-file", "tls.ca", "lease", "user", "url"})
    void keysThatMayBeShown(String key) {
        assertThat(SecretKeys.isSecret(key)).isFalse();
    }

    @Test
    void everyDefaultIsAllowed() {
        for (CommonKey key : CommonKey.values()) {
            key.usual().ifPresent(usual -> assertThat(key.checked(usual)).isSameAs(usual));
        }
    }
}
