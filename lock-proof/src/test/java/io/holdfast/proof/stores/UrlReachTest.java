// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfigException;
import io.holdfast.spi.LockBackendProvider;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the URLs of the real stores reach: who gives a URL may have fewer rights than the program. */
class UrlReachTest {
    @Test
    @DisplayName("CF-6: the list of what a URL may set is short, and grows on purpose")
    void theListOfEachStore() {
        Map<String, Set<String>> allowed = new TreeMap<>();
        ServiceLoader.load(LockBackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> !provider.getClass().getName().contains(".proof.")) // made for other tests
                .forEach(provider ->
                        allowed.put(new TreeSet<>(provider.schemes()).first(), new TreeSet<>(provider.urlSettings())));
        assertThat(allowed)
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "consul", Set.of("poll-interval", "wait-connections", "session-ttl-min", "datacenter"),
                        "etcd", Set.of("watch-streams", "namespace"),
                        "file", Set.of("crash-grace"),
                        "jdbc", Set.of("table", "create-table", "connections", "token-retention"),
                        "redis", Set.of("poll-interval", "token-retention"),
                        "zk", Set.of("acl", "tick")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://127.0.0.1:1?redisson-config=/etc/passwd",
                "file:/tmp/never-made?file.shared=true",
                "file:/tmp/never-made?allow-network-file-system=true",
                "etcds://127.0.0.1:1?tls.verify=false",
                "consul://127.0.0.1:1?password-file=/etc/passwd",
                "zookeeper://127.0.0.1:1?tls.key=/etc/passwd"
            })
    @DisplayName("CF-6: what names a file or says whom to trust is refused in a URL, before anything is asked")
    void whatReachesFurther(String url) {
        String setting = url.substring(url.indexOf('?') + 1, url.lastIndexOf('='));
        assertThatThrownBy(() -> LockClient.open(url))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'" + setting + "'");
    }
}
