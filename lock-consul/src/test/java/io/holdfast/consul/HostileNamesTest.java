// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Rule NA-3. consul-api puts keys into URLs as they are: {@code a#x} would write the key {@code a} past its lock, {@code ?recurse}
 * would delete a whole tree.
 */
class HostileNamesTest {
    private static final List<String> NAMES = List.of(
            "a#x",
            "a",
            "?recurse",
            "a?recurse",
            "../a",
            "../../canary",
            "..",
            ".",
            "a/../../canary",
            "//canary",
            "a&flags=1",
            "a%2F..%2Fcanary",
            "a\nb",
            "a\r\nX-Evil: 1\r\n\r\nDELETE /v1/kv/canary?recurse HTTP/1.1",
            "käse",
            "😀",
            " ",
            "%",
            "~session",
            "canary",
            "\u0000");

    @Test
    void canariesOutsideThePrefixStayAsTheyWere() throws Exception {
        try (Proxied consul = new Proxied()) {
            List<String> canaries = List.of(
                    "canary",
                    consul.prefix,
                    consul.prefix + "-canary/a",
                    "a",
                    "canary/a",
                    consul.prefix + ".",
                    "x?recurse");
            for (String canary : canaries) {
                consul.administrator.put(canary.replace("?", "%3F"), "untouched");
            }
            try {
                String before = others(consul);
                try (LockClient client = LockClient.open(consul.config());
                        LockClient other = LockClient.open(consul.config())) {
                    List<LockHandle> held = new ArrayList<>();
                    for (String name : NAMES) {
                        held.add(client.acquire(name));
                        assertThat(other.tryAcquire(name)).as(name).isEmpty();
                        assertThat(client.lock(name).inspect().isHeld())
                                .as(name)
                                .isTrue();
                    }
                    assertThat(client.list())
                            .extracting(info -> info.name())
                            .containsExactlyInAnyOrderElementsOf(NAMES);
                    client.lock("../a").forceUnlock();
                    held.forEach(LockHandle::release);
                }
                assertThat(others(consul)).isEqualTo(before);
            } finally {
                canaries.forEach(canary -> consul.administrator.delete(canary.replace("?", "%3F")));
            }
        }
    }

    /** All keys but ours, with all that shows that somebody wrote them. */
    private static String others(Proxied consul) {
        return consul.administrator.entries("").stream()
                .filter(entry -> !entry.key().startsWith(consul.keys.root()))
                .map(KeyEntry::toString)
                .collect(Collectors.joining("\n"));
    }
}
