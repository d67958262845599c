// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.consul.ConsulSettings;
import io.holdfast.etcd.EtcdSettings;
import io.holdfast.jdbc.FencedDataSource;
import io.holdfast.jdbc.JdbcSettings;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.memory.MemoryBackendProvider;
import io.holdfast.redis.RedisSettings;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LockBackendProvider;
import io.holdfast.zookeeper.ZooKeeperSettings;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pages say of stores, schemes and settings is what the providers have. */
class StorePagesTest {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern SETTINGS_TABLE =
            Pattern.compile("(?m)^\\| key \\| (?:default|usual) \\|.*\n\\|[- |]+\n((?:\\|.*\n)+)");

    /** Settings of every store about which a store's page says more. */
    private static final Set<String> COMMON = Set.of("lease", "operation-timeout", "password", "password-file");

    private static final String CONFIGURATION = page("docs/configuration.md");

    private static String page(String path) {
        return Project.text(Project.root().resolve(path));
    }

    /** Those that users get; a broken one of this module's tests has no page. */
    static Stream<LockBackendProvider> providers() {
        return Stream.concat(
                Stream.of(new MemoryBackendProvider()),
                ServiceLoader.load(LockBackendProvider.class).stream()
                        .filter(found -> !found.type().getPackageName().startsWith("io.holdfast.proof"))
                        .map(ServiceLoader.Provider::get));
    }

    /** The page of a provider is called like one of its schemes. */
    private static Path file(LockBackendProvider provider) {
        List<Path> found = provider.schemes().stream()
                .map(scheme -> Project.root().resolve("docs/backends/" + scheme + ".md"))
                .filter(path -> path.toFile().exists())
                .toList();
        assertThat(found).as("pages for %s", provider.schemes()).hasSize(1);
        return found.get(0);
    }

    /** The settings of a page's table, each with its default. */
    private static Map<String, String> settings(Path page) {
        Map<String, String> rows = new HashMap<>();
        Matcher table = SETTINGS_TABLE.matcher(Project.text(page));
        while (table.find()) {
            table.group(1).lines().map(line -> line.split("\\|", -1)).forEach(cells -> codes(cells[1])
                    .forEach(key -> rows.put(key, cells[2].strip().replace("`", ""))));
        }
        return rows;
    }

    private static Stream<String> codes(String text) {
        return CODE.matcher(text).results().map((MatchResult found) -> found.group(1));
    }

    @Test
    void allStoresOfThisProjectAreLookedAt() {
        assertThat(providers()).hasSize(7);
    }

    @ParameterizedTest
    @MethodSource("providers")
    void thePageOfAStoreListsItsSettings(LockBackendProvider provider) {
        Set<String> listed = new HashSet<>(settings(file(provider)).keySet());
        listed.removeAll(COMMON);
        assertThat(listed)
                .as("settings in %s", file(provider))
                .containsExactlyInAnyOrderElementsOf(provider.settings().keySet());
    }

    @ParameterizedTest
    @MethodSource("providers")
    void whatAUrlMayNotSetIsSaid(LockBackendProvider provider) {
        Set<String> refused = new HashSet<>(provider.settings().keySet());
        refused.removeAll(provider.urlSettings());
        String section = CONFIGURATION.substring(CONFIGURATION.indexOf("### What a URL may set"));
        assertThat(codes(section.substring(0, section.indexOf("A scheme that no backend"))))
                .containsAll(refused);
    }

    @Test
    void thePageOfSettingsHasEveryScheme() {
        Set<String> schemes =
                providers().flatMap(provider -> provider.schemes().stream()).collect(Collectors.toSet());
        String section = CONFIGURATION.substring(CONFIGURATION.indexOf("| scheme | artifact |"));
        String table = section.substring(0, section.indexOf("\n\n"));
        assertThat(codes(table).filter(code -> !code.startsWith("io.holdfast:")))
                .containsExactlyInAnyOrderElementsOf(schemes);
    }

    @Test
    void theDefaultsOfAStoreAreThoseOfItsPage() {
        RedisSettings redis = RedisSettings.DEFAULTS;
        assertThat(shown("redis"))
                .containsEntry("poll-interval", DurationFormat.show(redis.pollInterval()))
                .containsEntry("token-retention", DurationFormat.show(redis.tokenRetention()));
        assertThat(shown("etcd")).containsEntry("watch-streams", "" + EtcdSettings.DEFAULTS.watchStreams());
        ConsulSettings consul = ConsulSettings.DEFAULTS;
        assertThat(shown("consul"))
                .containsEntry("poll-interval", DurationFormat.show(consul.pollInterval()))
                .containsEntry("session-ttl-min", DurationFormat.show(consul.shortestLease()))
                .containsEntry("wait-connections", "" + consul.waitConnections());
        assertThat(shown("jdbc"))
                .containsEntry("table", JdbcSettings.DEFAULTS.table())
                .containsEntry("create-table", "" + JdbcSettings.DEFAULTS.createTable())
                .containsEntry("connections", "" + JdbcSettings.DEFAULTS.connections())
                .containsEntry("token-retention", DurationFormat.show(JdbcSettings.DEFAULTS.tokenRetention()));
        assertThat(shown("zookeeper")).containsEntry("tick", DurationFormat.show(ZooKeeperSettings.DEFAULTS.tick()));
    }

    private static Map<String, String> shown(String store) {
        return settings(Project.root().resolve("docs/backends/" + store + ".md"));
    }

    /** What a user makes by hand is what the module makes when it is told to. */
    @Test
    void theTableOfLocksIsThatOfItsPage() throws IOException {
        try (InputStream made = JdbcSettings.class.getResourceAsStream("table.sql")) {
            String statement = new String(made.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@TABLE@", JdbcSettings.DEFAULTS.table())
                    .replace("@TEXT@  ", "TEXT    ");
            assertThat(page("docs/backends/jdbc.md")).contains("```sql\n" + statement + "```");
        }
    }

    @Test
    void theTableOfTheFenceIsThatOfItsPage() {
        DataSource none = (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    throw new AssertionError("asked for " + method);
                });
        assertThat(page("docs/fencing.md"))
                .contains("```sql\n" + FencedDataSource.of(none).createStatement() + "\n```");
    }

    @Test
    void thePageOfTheLaboratoryHasEveryKindOfServer() {
        String page = page("docs/testing.md");
        String table = page.substring(page.indexOf("| kind |"));
        assertThat(codes(table.substring(0, table.indexOf("\n\n"))).filter(code -> code.matches("[A-Z]+(_[0-9]+)+")))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(StoreKind.values()).map(StoreKind::name).toList());
    }
}
