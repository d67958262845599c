// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.BackendConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses are taken, and what a driver is told. */
class AddressTest {
    private static Address of(LockConfig config) {
        return Address.of(BackendConfig.of(config));
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db/app, jdbc:postgresql://db/app",
        "'jdbc:postgresql://a:5432,[::1]:5433/app', 'jdbc:postgresql://a:5432,[::1]:5433/app'",
        "jdbc:mariadb://db:3307/app, jdbc:mariadb://db:3307/app",
        "jdbc:h2:mem:x, jdbc:h2:mem:x;DB_CLOSE_DELAY=-1",
        "jdbc:h2:tcp://h:9092/mem:x, jdbc:h2:tcp://h:9092/mem:x",
        "jdbc:h2:tcp://h:9092/dir/x, jdbc:h2:tcp://h:9092/dir/x"
    })
    void taken(String uri, String url) {
        assertThat(of(LockConfig.of(uri)).url()).isEqualTo(url);
    }

    /** Of the first two H2 would run the file; the third loads a class; the others name files, or other databases. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:mem:x;INIT=RUNSCRIPT FROM 'x.sql'",
                "jdbc:h2:tcp://h/x;INIT=CREATE%20ALIAS",
                "jdbc:postgresql://db/app?socketFactory=x.Y",
                "jdbc:postgresql://db/app&socketFactory=x.Y",
                "jdbc:h2:file:/etc/x",
                "jdbc:h2:~/x",
                "jdbc:postgresql:app",
                "jdbc:mariadb://db/app?allowLocalInfile=true",
                "jdbc:mariadb://db/app?user=x&serverSslCert=/etc/hosts",
                "jdbc:mariadb:replication://db/app",
                "jdbc:mysql://db/app?tls.ca=/etc/hosts",
                "jdbc:postgresql://app:secret@db/app",
                "jdbc:oracle:thin:@h:1521:x",
                "jdbc:h2:tcp://h/x;USER=sa;PASSWORD=secret",
                "jdbc:mariadb://db/app&password=secret",
                "jdbc:x"
            })
    void refused(String uri) {
        assertThatThrownBy(() -> LockClient.open(LockConfig.of(uri)))
                .isInstanceOf(LockConfigException.class)
                .hasMessageNotContainingAny("secret");
    }

    @Test
    void aDriverIsToldWhoWhereAndForHowLong() {
        LockConfig config = LockConfig.of("jdbc:postgresql://db/app")
                .with("user", "locker")
                .with("password", "s3cret")
                .with("lease", "30s")
                .with("tls.ca", "/etc/hosts");
        assertThat(of(config).properties())
                .containsEntry("user", "locker")
                .containsEntry("password", "s3cret")
                .containsEntry("connectTimeout", "4")
                .containsEntry("options", "-c statement_timeout=15001")
                .containsEntry("sslmode", "verify-full")
                .containsEntry("sslrootcert", "/etc/hosts");
        assertThat(of(config).isEncrypted()).isTrue();
        assertThat(of(LockConfig.of("jdbc:postgresql://db/app")).isEncrypted()).isFalse();
    }

    @Test
    void ofSeveralHostsThePrimaryIsUsed() {
        assertThat(of(LockConfig.of("jdbc:postgresql://a:5432,b:5432/app")).properties())
                .containsEntry("targetServerType", "primary");
        assertThat(of(LockConfig.of("jdbc:postgresql://a:5432/app")).properties())
                .doesNotContainKey("targetServerType");
    }

    @Test
    void mariadbIsToldLikewise() {
        LockConfig config =
                LockConfig.of("jdbc:mariadb://db/app").with("user", "locker").with("password", "s3cret");
        assertThat(of(config).properties())
                .containsEntry("user", "locker")
                .containsEntry("password", "s3cret")
                .containsEntry("connectTimeout", "3001")
                .containsEntry("sessionVariables", "innodb_lock_wait_timeout=16")
                .containsEntry("allowLocalInfile", "false")
                .containsEntry("sslMode", "disable");
        assertThat(of(config.with("tls.ca", "/etc/hosts")).properties())
                .containsEntry("sslMode", "verify-full")
                .containsEntry("serverSslCert", "/etc/hosts");
    }

    @Test
    void whatCannotBeReachedIsNotAWrongSetting() {
        assertThatThrownBy(() -> LockClient.open(LockConfig.of("jdbc:postgresql://127.0.0.1:1/app")
                        .with("connect-timeout", "1s")
                        .with("operation-timeout", "300ms")
                        .with("password", "s3cret")))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/app")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void aTableThatIsNotThereIsAWrongSetting() {
        assertThatThrownBy(() -> LockClient.open(LockConfig.of("jdbc:h2:mem:none")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("create-table=true");
    }
}
