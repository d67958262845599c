// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockConfig;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule ER-4: what every store's diagnosis says of the way to its servers. */
class WayTest {
    private static StoreFinding transport(LockConfig config, boolean encrypted) {
        return BackendConfig.of(config).way(encrypted).get(0);
    }

    @ParameterizedTest
    @CsvSource({
        "some://u:p@10.0.0.1, WARNING",
        "some://:token@store.example, WARNING",
        "some://u:p@localhost:1;10.0.0.1:1, WARNING",
        "some://10.0.0.1, OK",
        "some://u:p@127.0.0.1, OK",
        "some://u:p@localhost, OK",
        "some://u:p@[::1], OK",
        "some://u:p@127.0.0.1.example, WARNING",
    })
    @DisplayName("ER-4: credentials that cross the network in the clear")
    void credentialsInTheClear(String url, Verdict verdict) {
        assertThat(transport(LockConfig.of(url.replace(';', ',')), false).verdict())
                .isEqualTo(verdict);
        assertThat(transport(LockConfig.of(url.replace(';', ',')), true).verdict())
                .as("with TLS")
                .isEqualTo(Verdict.OK);
    }

    @Test
    @DisplayName("ER-4: a certificate that is not checked")
    void aCertificateThatIsNotChecked() {
        LockConfig blind = LockConfig.of("somes://10.0.0.1").with("tls.verify", "false");
        assertThat(transport(blind, true).verdict()).isEqualTo(Verdict.UNSAFE);
        assertThat(transport(blind, true).advice()).contains("tls.ca");
    }

    @Test
    @DisplayName("ER-4: a password file that others may read or write, and one that they may not")
    void aPasswordFileOfOthers(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), "PLANTED");
        LockConfig config = LockConfig.of("some://localhost").with("password-file", file.toString());
        for (String mode : List.of("rw-r--r--", "rw-rw----", "rw-----w-")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            List<StoreFinding> findings = BackendConfig.of(config).way(false);
            assertThat(findings).extracting(StoreFinding::subject).containsExactly("transport", "password file");
            assertThat(findings.get(1).verdict()).isEqualTo(Verdict.WARNING);
            assertThat(findings.get(1).seen()).contains(mode).doesNotContain("PLANTED");
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(BackendConfig.of(config).way(false)).hasSize(1);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(BackendConfig.of(config.with("user", "u")).way(true)).hasSize(2);
    }
}
