// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.internal.config.ConfigSources;
import io.holdfast.internal.config.KeyCheck;
import io.holdfast.internal.config.Settings;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes into settings without anybody's meaning it: variables of others, line ends, placeholders, open files. */
class StrayInputTest {
    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>(Map.of("HOLDFAST_URL", "redis://h"));

    private BackendConfig read() {
        return BackendConfig.of(LockConfig.load(null, new ConfigSources(Map.of(), environment, null)));
    }

    private void check() {
        new KeyCheck(Set.of()).check(Settings.load(null, new ConfigSources(Map.of(), environment, null)));
    }

    private void refused(String... parts) {
        assertThatThrownBy(this::read)
                .isInstanceOf(LockConfigException.class)
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("pw");
    }

    @ParameterizedTest
    @CsvSource({
        "'pw\r', line end",
        "'pw\n', line end",
        "'p\nw', line end",
        "'\ufeffpw', byte order mark",
        "'p\u200bw', cannot be seen",
        "'p\u0007w', control character",
        "' pw', blank",
        "'pw ', blank",
        "'pw\u00a0', blank",
        "'${pw}', placeholder",
        "'{{ .pw }}', placeholder"
    })
    @DisplayName("CF-7: a password with a character that nobody meant is refused, with its source and without its text")
    void passwordsWithStrayCharacters(String password, String what) throws IOException {
        environment.put("HOLDFAST_PASSWORD", password);
        refused("environment variable HOLDFAST_PASSWORD", what);

        environment.remove("HOLDFAST_PASSWORD");
        if (!what.equals("line end")) { // that of the file is none of the password
            Path file = Files.writeString(folder.resolve("secret"), password + "\n");
            environment.put("HOLDFAST_PASSWORD_FILE", file.toString());
            refused(file.toString());
        }
    }

    @Test
    @DisplayName("CF-7: a password file has one line and is small")
    void passwordFilesAreOneLine() throws IOException {
        Path file = folder.resolve("secret");
        environment.put("HOLDFAST_PASSWORD_FILE", file.toString());
        for (String text : List.of("root:x:0:0\nbin:x:1:1\n", "pw\n\n", "pw\r\nmore")) {
            Files.writeString(file, text);
            refused("'password-file'", "more than one line");
        }
        Files.writeString(file, "x".repeat(20_000));
        refused("larger than");
        Files.writeString(file, "\ufeffpw");
        refused("byte order mark");
    }

    @ParameterizedTest
    @CsvSource({"redis://u:%20pw%20@h, ' pw '", "redis://u:p%24%7Bw%7D@h, p${w}", "redis://u:p%25w@h, p%w"})
    @DisplayName("CF-7: a blank that is escaped in a URL was meant, and so is all but a whole placeholder")
    void passwordsThatAreMeant(String url, String password) {
        environment.put("HOLDFAST_URL", url);
        assertThat(read().password().map(Secret::reveal)).contains(password);
    }

    @ParameterizedTest
    @ValueSource(strings = {"${STORE_URL}", "{{ .Values.url }}", "$STORE_URL", "%STORE_URL%", "redis://${HOST}:6379"})
    @DisplayName("CF-7: a placeholder that nobody filled in is told as one, with its source")
    void placeholders(String url) {
        environment.put("HOLDFAST_URL", url);
        refused("environment variable HOLDFAST_URL", "placeholder");

        environment.put("HOLDFAST_URL", "redis://h");
        environment.put("HOLDFAST_LEASE", "${LEASE}");
        refused("environment variable HOLDFAST_LEASE", "placeholder");
    }

    @Test
    @DisplayName("CF-8: the variables that Kubernetes makes of a Service are no settings")
    void serviceLinks() {
        for (String name : List.of("HOLDFAST", "HOLDFAST_REDIS", "HOLDFAST_REDIS_MASTER")) {
            environment.put(name + "_SERVICE_HOST", "10.96.7.1");
            environment.put(name + "_SERVICE_PORT", "6379");
            environment.put(name + "_SERVICE_PORT_TCP_REDIS", "6379");
            environment.put(name + "_PORT", "tcp://10.96.7.1:6379");
            environment.put(name + "_PORT_6379_TCP", "tcp://10.96.7.1:6379");
            environment.put(name + "_PORT_6379_TCP_PROTO", "tcp");
            environment.put(name + "_PORT_6379_TCP_PORT", "6379");
            environment.put(name + "_PORT_6379_TCP_ADDR", "fd00::1");
        }
        assertThatCode(this::check).doesNotThrowAnyException();
    }

    @Test
    @DisplayName("CF-8: another variable is an error that says what such variables are")
    void otherVariables() {
        environment.put("HOLDFAST_PORT", "6379");
        assertThatThrownBy(this::check)
                .isInstanceOf(LockConfigException.class)
                .hasMessageContainingAll("HOLDFAST_PORT", "rename it");
    }

    @Test
    @DisplayName("ER-4: a password file that others may read or write is warned of, once")
    void openPasswordFiles() throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), "pw");
        environment.put("HOLDFAST_PASSWORD_FILE", file.toString());
        try (Warnings said = new Warnings()) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            read();
            assertThat(said.texts).isEmpty();

            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            read();
            read();
            assertThat(said.texts)
                    .singleElement()
                    .asString()
                    .contains(file.toString(), "chmod 600")
                    .doesNotContain("pw");
        }
    }

    /** What the engine's logger hears. */
    static final class Warnings extends Handler implements AutoCloseable {
        final List<String> texts = new ArrayList<>();

        private final Logger logger = Logger.getLogger("io.holdfast");
        private final Level before = logger.getLevel();

        Warnings() {
            logger.addHandler(this);
        }

        /** With what is less important, too. */
        Warnings(Level level) {
            logger.setLevel(level);
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord entry) {
            texts.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setLevel(before);
        }
    }

    @Test
    @DisplayName("ER-3: no exception hands a terminal or a log what a store or a name says as it is")
    void exceptionsAreOnePrintableLine() {
        String said = "500 \u001b]0;PWNED\u0007\nfalse line\u2028\u2029\u202e";
        assertThat(new LockUnavailableException(said, null))
                .hasMessage("500 \\u001b]0;PWNED\\u0007\\u000afalse line\\u2028\\u2029\\u202e");
        LockLoss loss = new LockLoss("a\u001bb", 1, said);
        assertThat(new LockLostException(loss, "memory:x").getMessage().chars().noneMatch(Character::isISOControl))
                .isTrue();
    }
}
