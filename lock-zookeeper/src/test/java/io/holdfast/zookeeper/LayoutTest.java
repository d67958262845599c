// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LayoutTest {
    private final LockPaths paths = new LockPaths("/a/b");

    @Test
    void plainNamesStandForThemselves() {
        assertThat(paths.of("Order_1.x-y")).isEqualTo("/a/b/Order_1.x-y");
        assertThat(LockPaths.name("Order_1.x-y")).contains("Order_1.x-y");
    }

    @Test
    void everythingElseIsEncodedAndComesBack() {
        for (String name : List.of(".", "..", "a/b", "/", "%", "%41", "a b", "ü", "%sessions", "\u0000", "...", "a%")) {
            String path = paths.of(name);
            assertThat(path.substring("/a/b/".length())).matches("[A-Za-z0-9._%-]+");
            assertThat(LockPaths.name(path.substring("/a/b/".length()))).contains(name);
        }
        assertThat(paths.of("..")).isEqualTo("/a/b/%2E%2E");
        assertThat(paths.of("...")).isEqualTo("/a/b/...");
    }

    @Test
    void whatNobodyWritesIsNoName() {
        for (String node : List.of("%sessions", "%4", "%", "%41", "%2e", "a%2", "%ZZ")) {
            assertThat(LockPaths.name(node)).as(node).isEmpty();
        }
    }

    @Test
    void theLineIsSortedByTheWholeNumber() {
        Line line = Line.of(List.of(
                "_c_ffff-lock-0000000002",
                "_c_0000-lock-0000000010",
                "lock-0000000001",
                "_c_1111-__WRIT__0000000003",
                "notes"));
        assertThat(line.length()).isEqualTo(4);
        assertThat(line.first()).isEqualTo("lock-0000000001");
        assertThat(line.ahead("_c_0000-lock-0000000010")).isEqualTo(3);
        assertThat(line.at(2)).isEqualTo("_c_1111-__WRIT__0000000003");
        assertThat(line.ahead("notes")).isEqualTo(-1);
        assertThat(line.isNearItsEnd(3)).isFalse();
    }

    @Test
    void anOverflowIsSeen() {
        Line line = Line.of(List.of("a-lock-2147483647", "b-lock--2147483648", "c-lock--000000001"));
        assertThat(line.isNearItsEnd(2)).isTrue();
        assertThat(line.first()).isEqualTo("b-lock--2147483648");
        assertThat(line.length()).isEqualTo(3);
    }

    @Test
    void theLastNumbersAreNoPlaces() {
        Line line = Line.of(List.of("a-lock-2146435070", "b-lock-2146435071", "c-lock-2147483647"));
        assertThat(line.isNearItsEnd(0)).isFalse();
        assertThat(line.isNearItsEnd(1)).isTrue();
        assertThat(line.isNearItsEnd(2)).isTrue();
    }

    /** ZooKeeper's recipes in C name their nodes x-SESSION-NUMBER. */
    @Test
    void aMinusOfAnotherProgramIsNoSign() {
        Line line = Line.of(List.of("x-0000000007", "x-74b5c0-0000000009", "_c_0-lock-0000000008", "x-123456789"));
        assertThat(line.length()).isEqualTo(3);
        assertThat(line.first()).isEqualTo("x-0000000007");
        assertThat(line.at(2)).isEqualTo("x-74b5c0-0000000009");
        assertThat(line.isNearItsEnd(2)).isFalse();
    }

    @Test
    void aNumberThatIsNoneOfZooKeepersDoesNotCount() {
        assertThat(Line.of(List.of("lock-9999999999", "lock-1")).length()).isZero();
    }
}
