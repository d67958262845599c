// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.internal.runtime.SharedRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.CharBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackendConfigTest {
    @TempDir
    Path folder;

    private static BackendConfig of(String url) {
        return BackendConfig.of(LockConfig.of(url));
    }

    private String file(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text).toString();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static LockConfig withPasswordFile(String file) {
        return LockConfig.of("redis://h").with("password-file", file);
    }

    @Test
    void readsABackendsOwnSettings() {
        BackendConfig config = of("redis://h?poll=250ms&size=7&shared=true&acl-token=t&mode=x");
        assertThat(config.duration("poll", Duration.ofSeconds(1))).isEqualTo(Duration.ofMillis(250));
        assertThat(config.integer("size", 1, 0, 7)).isEqualTo(7);
        assertThat(config.flag("shared", false)).isTrue();
        assertThat(config.text("mode")).contains("x");
        assertThat(config.secret("acl-token").map(Secret::reveal)).contains("t");
        assertThat(config.duration("other", Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.integer("other", -5, 0, 7)).isEqualTo(-5);
        assertThat(config.flag("other", true)).isTrue();
        assertThat(config.text("other")).isEmpty();
        assertThat(config.secret("other")).isEmpty();
    }

    @Test
    void refusesABackendsOwnSettingsThatAreWrong() {
        BackendConfig config = of("redis://h?poll=250&size=8&shared=1&token-size=x");
        assertThatThrownBy(() -> config.duration("poll", Duration.ZERO))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("setting 'poll' (the URL's query): '250' has no unit");
        assertThatThrownBy(() -> config.integer("size", 1, 0, 7))
                .hasMessageContaining("'8' must be a whole number from 0 to 7");
        assertThatThrownBy(() -> config.flag("shared", false)).hasMessageContaining("'1' must be true or false");
        assertThatThrownBy(() -> config.integer("token-size", 1, 0, 7))
                .as("the value of a key that looks secret is not shown")
                .hasMessageContaining("(the URL's query): must be a whole number");
    }

    @Test
    void hasTheRuntimeOfItsConfiguration() {
        assertThatThrownBy(() -> of("redis://h").runtime())
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("withRuntime");
        SharedRuntime runtime = SharedRuntime.acquire();
        try {
            assertThat(BackendConfig.of(LockConfig.of("redis://h").withRuntime(runtime))
                            .runtime())
                    .isSameAs(runtime);
        } finally {
            runtime.release();
        }
    }

    @Test
    void labelIsHostAndProcess() {
        assertThat(of("redis://h").label())
                .endsWith("/" + ProcessHandle.current().pid())
                .hasSizeGreaterThan(2)
                .hasSizeLessThanOrEqualTo(200);
    }

    @Test
    @DisplayName("CF-1: user and password of the URL are weaker than the program's, stronger than nothing")
    void credentials() {
        BackendConfig inUrl = of("redis://bob:p%40w@h");
        assertThat(inUrl.user()).contains("bob");
        assertThat(inUrl.password().map(Secret::reveal)).contains("p@w");

        BackendConfig byProgram = BackendConfig.of(
                LockConfig.of("redis://bob:pw@h").with("user", "eve").with("password", "other"));
        assertThat(byProgram.user()).contains("eve");
        assertThat(byProgram.password().map(Secret::reveal)).contains("other");

        BackendConfig inQuery = of("redis://h?user=bob&password=p%26w");
        assertThat(inQuery.user()).contains("bob");
        assertThat(inQuery.password().map(Secret::reveal)).contains("p&w");
    }

    @ParameterizedTest
    @CsvSource({"'pw\n', pw", "'pw\r\n', pw", "pw, pw", "'p w\n', 'p w'"})
    void passwordFileEndsWithALineEndThatDoesNotCount(String text, String password) {
        assertThat(BackendConfig.of(withPasswordFile(file("pw", text)))
                        .password()
                        .map(Secret::reveal))
                .contains(password);
    }

    @Test
    void passwordFileIsReadAnew() throws IOException {
        String file = file("pw", "old");
        BackendConfig config = BackendConfig.of(withPasswordFile(file));
        Files.writeString(Path.of(file), "new");
        assertThat(config.password().map(Secret::reveal))
                .as("a password that was changed since")
                .contains("new");
    }

    @Test
    void passwordFilesThatCannotBeUsed() {
        String missing = folder.resolve("missing").toString();
        assertThatThrownBy(() -> BackendConfig.of(withPasswordFile(missing)))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'password-file'")
                .hasMessageContaining(missing)
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> BackendConfig.of(withPasswordFile(file("empty", "\n"))))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("holds no password");
        assertThatThrownBy(() -> BackendConfig.of(withPasswordFile(folder.toString())))
                .isInstanceOf(LockConfigException.class);
        assertThatThrownBy(() -> BackendConfig.of(withPasswordFile("a\u0000b")))
                .isInstanceOf(LockConfigException.class);
        assertThatThrownBy(() -> BackendConfig.of(withPasswordFile(file("large", "x".repeat((1 << 20) + 1)))))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("larger than");
    }

    @Test
    void twoPasswordsOfOneSourceContradict() {
        String file = file("pw", "from file");
        assertThatThrownBy(() -> BackendConfig.of(withPasswordFile(file).with("password", "SECRET")))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("give one of the two")
                .hasMessageNotContaining("SECRET");
        assertThatThrownBy(() -> of("redis://:SECRET@h?password=SECRET"))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("give it once")
                .hasMessageNotContaining("SECRET");
        assertThatThrownBy(() -> of("redis://bob@h?user=eve")).hasMessageContaining("give it once");
    }

    @Test
    @DisplayName("CF-1: of a password and a password file in two sources, the stronger source counts")
    void passwordAndFileOfTwoSources() {
        String file = file("pw", "from file");
        assertThat(BackendConfig.of(LockConfig.of("redis://:pw@h").with("password-file", file))
                        .password()
                        .map(Secret::reveal))
                .contains("from file");
        assertThat(BackendConfig.of(LockConfig.of("redis://h?password-file=" + file)
                                .with("trust-url", "true")
                                .with("password", "pw"))
                        .password()
                        .map(Secret::reveal))
                .contains("pw");
    }

    @Test
    void pathsThatNoFileSystemHas() {
        LockConfig config = LockConfig.of("redis://h").with("tls.ca", "a\u0000b");
        assertThatThrownBy(() -> BackendConfig.of(config))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'tls.ca'")
                .hasMessageNotContaining("\u0000");
    }

    @Test
    void showsNoSecret() {
        assertThat(of("redis://bob:SECRET@h?token=SECRET").toString())
                .doesNotContain("SECRET")
                .contains("redis://***@h");
        assertThat(Secret.of("SECRET")).hasToString("***");
        assertThat(Secret.of(CharBuffer.wrap("a"))).isEqualTo(Secret.of("a")).hasSameHashCodeAs(Secret.of("a"));
        assertThat(Secret.of("a")).isNotEqualTo(Secret.of("b")).isNotEqualTo("a");
    }

    @ParameterizedTest
    @CsvSource({
        "10s, 3s, 5s", // half
        "10s, 7s, 7s", // no less than a request has
        "2s, 3s, 2s", // no more than there is
        "10m, 3s, 30s", // no more than ten requests have
        "365d, 365d, 365d"
    })
    void oneTryLeavesTimeForAnother(String all, String request, String one) {
        assertThat(BackendConfig.oneTry(DurationFormat.parse(all), DurationFormat.parse(request)))
                .isEqualTo(DurationFormat.parse(one));
    }
}
