// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.internal.config.ConfigSources;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.StoreUri;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LockConfigTest {
    @TempDir
    Path folder;

    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();

    /** The sources of the environment, weakest first; the one at index n says n + 1 seconds. */
    private final List<Runnable> environmentSources = List.of(
            () -> write("holdfast.properties", "holdfast.lease=1s"),
            () -> {
                write("named.properties", "holdfast.lease=2s");
                properties.put(
                        "holdfast.config", folder.resolve("named.properties").toString());
            },
            () -> environment.put("HOLDFAST_LEASE", "3s"),
            () -> properties.put("holdfast.lease", "4s"));

    /** The sources above them, weakest first, which say 5 and 6 seconds. */
    private final List<UnaryOperator<LockConfig>> programSources =
            List.of(config -> config.withUrl("memory:x?lease=5s"), config -> config.with("lease", "6s"));

    private void write(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private LockConfig load(String client) {
        Path file = folder.resolve("holdfast.properties");
        try {
            URL classPathFile = Files.exists(file) ? file.toUri().toURL() : null;
            return LockConfig.load(client, new ConfigSources(properties, environment, classPathFile));
        } catch (MalformedURLException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private BackendConfig read(LockConfig config) {
        return BackendConfig.of(config);
    }

    @Test
    @DisplayName("CF-1: of every set of sources, the strongest in it decides")
    void precedence() throws IOException {
        for (int set = 0; set < 1 << 6; set++) {
            properties.clear();
            environment.clear();
            properties.put("holdfast.url", "memory:x");
            Files.deleteIfExists(folder.resolve("holdfast.properties"));
            int strongest = 0;
            for (int i = 0; i < 4; i++) {
                if ((set & (1 << i)) != 0) {
                    environmentSources.get(i).run();
                    strongest = i + 1;
                }
            }
            LockConfig config = load(null);
            for (int i = 0; i < 2; i++) {
                if ((set & (1 << (4 + i))) != 0) {
                    config = programSources.get(i).apply(config);
                    strongest = i + 5;
                }
            }
            assertThat(read(config).lease())
                    .as("sources %s", Integer.toBinaryString(set))
                    .isEqualTo(Duration.ofSeconds(strongest == 0 ? 30 : strongest));
        }
    }

    @Test
    @DisplayName("CF-1: a backend's key and a key with a dot are found by the same order")
    void precedenceOfOtherKeys() {
        environment.put("HOLDFAST_URL", "memory:x?poll-interval=2s");
        environment.put("HOLDFAST_POLL_INTERVAL", "1s");
        environment.put("HOLDFAST_TLS_VERIFY", "false");
        BackendConfig config = read(load(null));
        assertThat(config.duration("poll-interval", Duration.ZERO)).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.tls().verify()).isFalse();
    }

    @Test
    @DisplayName("CF-1: the query of a URL out of the environment is stronger than system properties too")
    void queryOfEnvironmentUrl() {
        environment.put("HOLDFAST_URL", "memory:x?lease=5s");
        properties.put("holdfast.lease", "4s");
        assertThat(read(load(null)).lease()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    @DisplayName(
            "CF-1: what is said for a client by its name is stronger than what is said for all, in the environment")
    void namedClient() {
        environment.put("HOLDFAST_URL", "memory:all");
        environment.put("HOLDFAST_LEASE", "10s");
        write("holdfast.properties", "holdfast.reports.lease=20s\nholdfast.reports.url=memory:reports");

        assertThat(read(load("reports")).lease()).isEqualTo(Duration.ofSeconds(20));
        assertThat(read(load("reports")).uri()).hasToString("memory:reports");
        assertThat(read(load(null)).lease()).isEqualTo(Duration.ofSeconds(10));
        assertThat(read(load("orders")).uri()).hasToString("memory:all");

        environment.put("HOLDFAST_REPORTS_LEASE", "21s");
        assertThat(read(load("reports")).lease()).isEqualTo(Duration.ofSeconds(21));
        properties.put("holdfast.reports.lease", "22s");
        assertThat(read(load("reports")).lease()).isEqualTo(Duration.ofSeconds(22));
        assertThat(read(load("reports").withUrl("memory:x?lease=23s")).lease()).isEqualTo(Duration.ofSeconds(23));
        assertThat(read(load("reports").withLease(Duration.ofSeconds(24))).lease())
                .isEqualTo(Duration.ofSeconds(24));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Reports", "re ports", "re.ports", "1st", "-x", "ré", "re_ports"})
    void clientNamesThatCannotBeSpelled(String name) {
        assertThatThrownBy(() -> load(name))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'" + name + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tck", "sim", "servers", "bench"})
    void clientNamesThatAreKept(String name) {
        assertThatThrownBy(() -> load(name))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'" + name + "' is kept");
    }

    @Test
    void aMalformedUrlOfTheEnvironmentCanBeOverruled() {
        environment.put("HOLDFAST_URL", "malformed");
        LockConfig config = load(null).withLease(Duration.ofSeconds(1)).withUrl("memory:x");
        assertThat(read(config).lease()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void nothingOfTheEnvironment() {
        // A file that does not exist would be an error if it were looked at.
        assertThat(read(LockConfig.of("memory:x")).lease()).isEqualTo(Duration.ofSeconds(30));
        properties.put("holdfast.config", folder.resolve("missing").toString());
        assertThatThrownBy(() -> load(null)).isInstanceOf(LockConfigException.class);
    }

    @Test
    void uri() {
        assertThat(load(null).uri()).isEmpty();
        environment.put("HOLDFAST_URL", "memory:x");
        assertThat(load(null).uri()).contains(StoreUri.parse("memory:x"));
        assertThat(load(null).withUrl("memory:y").uri()).contains(StoreUri.parse("memory:y"));
    }

    @Test
    void urlIsNeeded() {
        assertThatThrownBy(() -> read(load(null)))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'url' is missing")
                .hasMessageContaining("holdfast.url")
                .hasMessageContaining("HOLDFAST_URL");
    }

    @Test
    void defaultsAreThoseOfTheDesign() {
        BackendConfig config = read(LockConfig.of("memory:x"));
        assertThat(config.prefix()).isEqualTo("holdfast");
        assertThat(config.lease()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.operationTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.user()).isEmpty();
        assertThat(config.password()).isEmpty();
        assertThat(config.tls().ca()).isEmpty();
        assertThat(config.tls().verify()).isTrue();
    }

    @Test
    void emptyVariablesAreNotSet() {
        environment.put("HOLDFAST_URL", "memory:x");
        environment.put("HOLDFAST_LEASE", "");
        environment.put("HOLDFAST_CONFIG", "");
        assertThat(read(load(null)).lease()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void variableNamesASettingsFile() {
        write("named.properties", "holdfast.url = memory:größe\nholdfast.prefix=a/b");
        environment.put("HOLDFAST_CONFIG", folder.resolve("named.properties").toString());
        assertThat(read(load(null)).uri().path()).isEqualTo("größe");
        assertThat(read(load(null)).prefix()).isEqualTo("a/b");
    }

    @Test
    void settingsFilesThatCannotBeRead() {
        write("bare", "lease=3s");
        write("escape", "holdfast.url=\\u00zz");
        Map<String, String> problems = Map.of(
                "missing", "no such file",
                "bare", "'lease' does not",
                "escape", "malformed \\u escape",
                "", "irectory");
        problems.forEach((file, problem) -> {
            properties.put("holdfast.config", folder.resolve(file).toString());
            assertThatThrownBy(() -> load(null))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining(folder.resolve(file).toString())
                    .hasMessageContaining(problem)
                    .hasMessageNotContaining("\n");
        });
    }

    @Test
    void settingsFileThatIsNotText() throws IOException {
        Files.write(folder.resolve("latin1"), new byte[] {'a', (byte) 0xe9, 'b'});
        properties.put("holdfast.config", folder.resolve("latin1").toString());
        assertThatThrownBy(() -> load(null))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void settingsFileOnTheClassPathThatCannotBeRead() throws IOException {
        ConfigSources sources = new ConfigSources(
                Map.of(), Map.of(), folder.resolve("gone.properties").toUri().toURL());
        assertThatThrownBy(() -> LockConfig.load(null, sources))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("gone.properties");
    }

    @ParameterizedTest
    @DisplayName("CF-3, CF-5: a common key with a value that is malformed or out of range is refused where it is set")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    lease             | 30            | has no unit; write a whole number with ms, s, m, h or d
                    lease             | 30 s          | is not a duration
                    lease             | 1.5s          | is not a duration
                    lease             | 30S           | is not a duration
                    lease             | PT            | ISO-8601
                    lease             | P30S          | ISO-8601
                    lease             | 0s            | more than zero
                    lease             | PT-1S         | must not be negative
                    lease             | -5s           | is not a duration
                    lease             | 366d          | 365 days
                    lease             | 999999999999999999d | 365 days
                    lease             | 9999999999999999999999s | is not a duration
                    lease             | ''            | is not a duration
                    lease             | ٣s            | is not a duration
                    connect-timeout   | 0ms           | more than zero
                    operation-timeout | PT0S          | more than zero
                    close-timeout     | 0s            | more than zero
                    outage-timeout    | soon          | is not a duration
                    token-base        | -1            | from 0 to 6917529027641081855
                    token-base        | 6917529027641081856 | from 0 to 6917529027641081855
                    token-base        | 99999999999999999999 | from 0 to 6917529027641081855
                    token-base        | 9999999999999999999 | from 0 to 6917529027641081855
                    token-base        | 1e3           | whole number
                    token-base        | +1            | whole number
                    handoff-limit     | 256           | from 0 to 255
                    handoff-limit     | -1            | from 0 to 255
                    handoff-limit     | ''            | from 0 to 255
                    tls.verify        | yes           | true or false
                    tls.verify        | TRUE          | true or false
                    prefix            | ''            | 1 to 200 characters
                    prefix            | a b           | 1 to 200 characters
                    prefix            | a//b          | 1 to 200 characters
                    prefix            | a/            | 1 to 200 characters
                    prefix            | /             | 1 to 200 characters
                    prefix            | ..            | 1 to 200 characters
                    prefix            | a/../b        | 1 to 200 characters
                    prefix            | ./b           | 1 to 200 characters
                    prefix            | ä             | 1 to 200 characters
                    url               | ''            | must not be empty
                    user              | ''            | must not be empty
                    password          | ''            | must not be empty
                    tls.ca            | ''            | must not be empty
                    """)
    void badValues(String key, String value, String problem) {
        assertThatThrownBy(() -> LockConfig.of("memory:x").with(key, value))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'" + key + "'")
                .hasMessageContaining(problem)
                .hasMessageContaining("set by the program");
        if (!value.isEmpty() && !key.equals("url")) {
            environment.put("HOLDFAST_URL", "memory:x");
            write("holdfast.properties", "holdfast." + key + "=" + value);
            assertThatThrownBy(() -> read(load(null)))
                    .isInstanceOf(LockConfigException.class)
                    .hasMessageContaining("holdfast." + key)
                    .hasMessageContaining("holdfast.properties")
                    .hasMessageContaining(problem);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "30s, PT30S",
        "5m, PT5M",
        "1h, PT1H",
        "1d, PT24H",
        "PT30S, PT30S",
        "PT1H30M, PT1H30M",
        "P1D, PT24H",
        "007s, PT7S",
        "365d, PT8760H",
        "PT0.000000001S, PT0.000000001S"
    })
    @DisplayName("CF-3: durations with a unit, or ISO-8601")
    void durations(String text, String value) {
        assertThat(read(LockConfig.of("memory:x").with("lease", text)).lease()).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"holdfast", "/locks", "a/b/c", "app:prod", "..a", "a..", ".a/b.", "A-Z_0-9"})
    void prefixes(String prefix) {
        assertThat(read(LockConfig.of("memory:x").withPrefix(prefix)).prefix()).isEqualTo(prefix);
    }

    @Test
    void typedSettersSayWhatTheirKeysSay() {
        LockConfig config = LockConfig.of("memory:x")
                .withLease(Duration.ofMillis(1500))
                .withPrefix("p")
                .withConnectTimeout(Duration.ofSeconds(2))
                .withOperationTimeout(Duration.ofNanos(1))
                .withOutageTimeout(Duration.ZERO)
                .withCloseTimeout(Duration.ofDays(1))
                .withTokenBase(6917529027641081855L)
                .withHandoffLimit(0);
        assertThat(read(config).lease()).isEqualTo(Duration.ofMillis(1500));
        assertThat(read(config).connectTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(read(config).operationTimeout()).isEqualTo(Duration.ofNanos(1));
        assertThat(config.toString())
                .contains(
                        "token-base=6917529027641081855",
                        "handoff-limit=0",
                        "lease=1500ms",
                        "outage-timeout=0s",
                        "close-timeout=1d");
        assertThatThrownBy(() -> config.withLease(Duration.ofSeconds(Long.MIN_VALUE)))
                .isInstanceOf(LockConfigException.class);
        assertThatThrownBy(() -> config.withLease(Duration.ofSeconds(Long.MAX_VALUE)))
                .isInstanceOf(LockConfigException.class);
        assertThatThrownBy(() -> config.withHandoffLimit(Integer.MIN_VALUE)).isInstanceOf(LockConfigException.class);
        assertThatThrownBy(() -> config.withTokenBase(-1)).isInstanceOf(LockConfigException.class);
    }

    @Test
    void copiesDoNotChangeTheOriginal() {
        LockConfig original = LockConfig.of("memory:x");
        LockConfig copy = original.withLease(Duration.ofSeconds(1)).withLabel("me");
        assertThat(read(original).lease()).isEqualTo(Duration.ofSeconds(30));
        assertThat(read(original).label()).isNotEqualTo("me");
        assertThat(read(copy.withPrefix("p")).lease()).isEqualTo(Duration.ofSeconds(1));
        assertThat(read(copy.withPrefix("p")).label()).isEqualTo("me");
    }

    @Test
    void nullsAreRefused() {
        LockConfig config = LockConfig.of("memory:x");
        assertThatNullPointerException().isThrownBy(() -> LockConfig.of(null));
        assertThatNullPointerException().isThrownBy(() -> LockConfig.load((String) null));
        assertThatNullPointerException().isThrownBy(() -> config.withUrl(null));
        assertThatNullPointerException().isThrownBy(() -> config.with(null, "x"));
        assertThatNullPointerException().isThrownBy(() -> config.with("lease", null));
        assertThatNullPointerException().isThrownBy(() -> config.withLease(null));
        assertThatNullPointerException().isThrownBy(() -> config.withRuntime(null));
        assertThatNullPointerException().isThrownBy(() -> config.withLabel(null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\nb", "\u0000"})
    void labelsThatNobodyCanRead(String label) {
        LockConfig config = LockConfig.of("memory:x");
        assertThatThrownBy(() -> config.withLabel(label)).isInstanceOf(LockConfigException.class);
        assertThatThrownBy(() -> config.withLabel("x".repeat(201))).isInstanceOf(LockConfigException.class);
        assertThat(read(config.withLabel("x".repeat(200))).label()).hasSize(200);
    }

    @Test
    @DisplayName("ER-1: no text shows a password, token, key file or user-info")
    void showsNoSecret() {
        environment.put("HOLDFAST_PASSWORD", "hidden1");
        environment.put("HOLDFAST_PASSWORD_FILE", "/run/secret");
        properties.put("holdfast.token", "hidden2");
        LockConfig config = load(null)
                .withUrl("redis://hidden3:hidden4@h:1,[::1]:2/0?token=hidden5&lease=3s&tls.key=hidden6")
                .with("client-secret", "hidden7")
                .with("password", "hidden8");
        assertThat(config.toString())
                .doesNotContain("hidden")
                .contains("url=redis://***@h:1,[::1]:2/0?token=***&lease=3s&tls.key=***")
                .contains("lease=3s (the URL's query)")
                .contains("password=*** (set by the program)")
                .contains("client-secret=***");
    }

    @Test
    void showsWhatIsWrongInsteadOfThrowing() {
        environment.put("HOLDFAST_URL", "redis://u:hidden/x@h");
        assertThat(load("reports").toString())
                .contains("client reports", "malformed store URI 'redis:…'")
                .doesNotContain("hidden");
    }

    @Test
    void sourcesOfThisProcess() {
        // What the tests run with has no settings of ours: the call must not fail, and finds no file that is not there.
        assertThat(LockConfig.load().toString()).startsWith("LockConfig[");
        assertThat(LockConfig.load("reports").toString()).contains("client reports");
    }
}
