// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockHandle;
import io.holdfast.spi.BackendConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a database must have, in its own words, said without asking it. */
class DdlTest {
    private static String ddl(String url) {
        return new JdbcBackendProvider().ddl(BackendConfig.of(LockConfig.of(url)));
    }

    @Test
    void itNamesTheTableOfTheAddress() {
        assertThat(ddl("jdbc:postgresql://nobody.invalid/app?table=app.locks"))
                .startsWith("CREATE TABLE IF NOT EXISTS app.locks (\n")
                .contains("label    TEXT ")
                .contains("PRIMARY KEY (prefix, name)\n);\n-- ")
                .endsWith("GRANT SELECT, INSERT, UPDATE, DELETE ON app.locks TO ...;\n");
        assertThat(ddl("jdbc:mariadb://nobody.invalid/app")).contains(") CHARACTER SET ascii COLLATE ascii_bin;\n");
        assertThat(ddl("jdbc:postgresql://nobody.invalid/app"))
                .startsWith("-- name the schema, as in table=public.holdfast_locks, ");
        assertThatExceptionOfType(LockConfigException.class)
                .isThrownBy(() -> ddl("jdbc:oracle:thin:x"))
                .withMessageContaining("does not know");
    }

    @Test
    void whatItPrintsIsAllThatIsNeeded() throws Exception {
        String url = "jdbc:h2:mem:" + UUID.randomUUID();
        try (Connection owner = DriverManager.getConnection(url);
                Statement statement = owner.createStatement()) {
            statement.execute(ddl(url));
            try (LockClient client = LockClient.open(url);
                    LockHandle hold = client.acquire("account/42")) {
                assertThat(hold.isValid()).isTrue();
            }
        }
    }
}
