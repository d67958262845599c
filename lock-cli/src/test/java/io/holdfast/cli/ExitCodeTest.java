// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.FencingRegressionException;
import io.holdfast.LockClosedException;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockTimeoutException;
import io.holdfast.LockUnavailableException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExitCodeTest {
    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new LockTimeoutException("busy"), 75),
                Arguments.of(new LockUnavailableException("down"), 69),
                Arguments.of(new LockOutcomeUnknownException("no reply"), 69),
                Arguments.of(new LockDeniedException("who are you"), 77),
                Arguments.of(new LockConfigException("lease"), 78),
                Arguments.of(new IllegalArgumentException("a lock name must not be empty"), 64),
                Arguments.of(new ToolException(126, "not executable"), 126),
                Arguments.of(new FencingRegressionException("old token"), 125),
                Arguments.of(new LockClosedException("closed"), 125),
                Arguments.of(new IllegalStateException("a defect"), 125));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void everyFailureHasItsCode(RuntimeException failure, int code) {
        assertThat(ExitCode.of(failure)).isEqualTo(code);
    }
}
