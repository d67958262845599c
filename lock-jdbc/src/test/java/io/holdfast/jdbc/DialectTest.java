// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockConfigException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialectTest {
    @ParameterizedTest
    @CsvSource({"POSTGRESQL, 9, 5", "POSTGRESQL, 15, 0", "MARIADB, 10, 6", "MARIADB, 11, 4", "MYSQL, 8, 0", "H2, 2, 2"})
    void whatSkipsLockedRowsIsTaken(Dialect dialect, int major, int minor) {
        assertThatCode(() -> dialect.check(major, minor)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"POSTGRESQL, 9, 4", "MARIADB, 10, 5", "MARIADB, 5, 5", "MYSQL, 5, 7", "H2, 2, 1", "H2, 1, 4"})
    void whatCannotIsRefused(Dialect dialect, int major, int minor) {
        assertThatThrownBy(() -> dialect.check(major, minor))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining(major + "." + minor)
                .hasMessageContaining("or later");
    }
}
