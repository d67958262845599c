// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockConfigException;
import io.holdfast.spi.StoreUri.Host;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreUriTest {
    private static final long SEED = 20250101;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    memory:test             | memory | test       | ''
                    MEMORY:Test             | memory | Test       | ''
                    memory:                 | memory | ''         | ''
                    file:/var/lock          | file   | /var/lock  | ''
                    file:///var/lock        | file   | /var/lock  | ''
                    file:rel/dir            | file   | rel/dir    | ''
                    file:~/locks            | file   | ~/locks    | ''
                    file:.                  | file   | .          | ''
                    file:a@b                | file   | a@b        | ''
                    file:///a@b             | file   | /a@b       | ''
                    file:/a%20b%25%3F       | file   | '/a b%?'   | ''
                    file:/größe/%E2%82%AC   | file   | /größe/€   | ''
                    file:%F0%9F%94%92😀     | file   | 🔒😀        | ''
                    file:/a+b               | file   | /a+b       | ''
                    file:/a:b               | file   | /a:b       | ''
                    file:////net            | file   | //net      | ''
                    redis://h               | redis  | ''         | h
                    redis://h/              | redis  | /          | h
                    redis://h:6379/0        | redis  | /0         | h:6379
                    redis://h1:1,h2:2/0     | redis  | /0         | h1:1 h2:2
                    redis://h1,h2:65535     | redis  | ''         | h1 h2:65535
                    etcd://[::1]:2379,[fe80::1%25eth0]/p | etcd | /p | [::1]:2379 [fe80::1%eth0]
                    zookeeper://my_zk.svc-1.local:2181/a/b | zookeeper | /a/b | my_zk.svc-1.local:2181
                    consul+http://127.0.0.1:8500 | consul+http | '' | 127.0.0.1:8500
                    """)
    void parts(String text, String scheme, String path, String hosts) {
        StoreUri uri = StoreUri.parse(text);
        assertThat(uri.scheme()).isEqualTo(scheme);
        assertThat(uri.path()).isEqualTo(path);
        assertThat(uri.hosts().stream().map(Host::toString).collect(Collectors.joining(" ")))
                .isEqualTo(hosts);
        assertThat(uri.query()).isEmpty();
        assertThat(uri.user()).isEmpty();
        assertThat(uri.password()).isEmpty();
    }

    @Test
    void hostsAndTheirPorts() {
        assertThat(StoreUri.parse("redis://a:1,[::1]").hosts())
                .containsExactly(new Host("a", OptionalInt.of(1)), new Host("::1", OptionalInt.empty()));
        assertThat(StoreUri.parse("redis://a:1,b").hosts().get(0).portOr(6379)).isEqualTo(1);
        assertThat(StoreUri.parse("redis://a:1,b").hosts().get(1).portOr(6379)).isEqualTo(6379);
    }

    @Test
    void userAndPassword() {
        StoreUri uri = StoreUri.parse("redis://b%40b:p%2F%3A%3F%23w:d%25@h1:1,h2/0");
        assertThat(uri.user()).contains("b@b");
        assertThat(uri.password().map(Secret::reveal)).contains("p/:?#w:d%");
        assertThat(uri.hosts()).hasSize(2);
        assertThat(StoreUri.parse("redis://:pw@h").user()).isEmpty();
        assertThat(StoreUri.parse("redis://:pw@h").password().map(Secret::reveal))
                .contains("pw");
        assertThat(StoreUri.parse("redis://bob@h").user()).contains("bob");
        assertThat(StoreUri.parse("redis://bob:@h").password()).isEmpty();
        assertThat(StoreUri.parse("redis://@h").user()).isEmpty();
        assertThat(StoreUri.parse("redis://a@b:c@h").password().map(Secret::reveal))
                .contains("c");
    }

    @Test
    void query() {
        StoreUri uri = StoreUri.parse("memory:x?lease=5s&prefix=a%26b%3Dc=d&empty=&plus=+");
        assertThat(uri.query())
                .containsExactly(
                        java.util.Map.entry("lease", "5s"),
                        java.util.Map.entry("prefix", "a&b=c=d"),
                        java.util.Map.entry("empty", ""),
                        java.util.Map.entry("plus", "+"));
        assertThatThrownBy(() -> uri.query().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThat(StoreUri.parse("redis://h?a=/x?y").query()).containsEntry("a", "/x?y");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ''                      | begins with a scheme
                    ' '                     | begins with a scheme
                    memory                  | begins with a scheme
                    :x                      | begins with a scheme
                    //h/x                   | begins with a scheme
                    1redis://h              | begins with a scheme
                    re dis://h              | begins with a scheme
                    schéme:x                | begins with a scheme
                    redis://h:0             | host 1 is not a number from 1 to 65535
                    redis://h:65536         | host 1 is not a number
                    redis://h:99999999999   | host 1 is not a number
                    redis://h:-1            | host 1 is not a number
                    redis://h:              | host 1 is not a number
                    redis://h:+1            | host 1 is not a number
                    redis://h:٣             | host 1 is not a number
                    redis://h1,h2:x         | host 2 is not a number
                    redis://,h              | host 1 is empty
                    redis://h,              | host 2 is empty
                    redis://h1,,h2          | host 2 is empty
                    redis://h;x             | host 1 is empty or has a character
                    redis://-h              | host 1 is empty or has a character
                    redis://höst            | host 1 is empty or has a character
                    redis://h%41            | host 1 is empty or has a character
                    redis://::1             | more than one ':'
                    redis://[::1            | IPv6 address in brackets
                    redis://[::1]x          | IPv6 address in brackets
                    redis://[]              | IPv6 address in brackets
                    redis://[h]             | IPv6 address in brackets
                    redis://[1.2.3.4]       | IPv6 address in brackets
                    redis://[::g]           | IPv6 address in brackets
                    redis://[1::2::3]       | IPv6 address in brackets
                    redis://[::1%]          | IPv6 address in brackets
                    redis://u:p@            | no host after the '@'
                    redis://u:p@/0          | no host after the '@'
                    redis://h/0@x           | '@' in its path
                    redis://h/%             | its path has a '%' without two hexadecimal digits
                    redis://h/%4            | its path has a '%' without
                    redis://h/%4g           | its path has a '%' without
                    redis://h/%%41          | its path has a '%' without
                    redis://h/%-1           | its path has a '%' without
                    redis://h/%٣٣           | its path has a '%' without
                    redis://h/%FF           | its path has escapes that are not UTF-8
                    redis://h/%C0%80        | its path has escapes that are not UTF-8
                    redis://h/%ED%A0%80     | its path has escapes that are not UTF-8
                    redis://h/%E2%82        | its path has escapes that are not UTF-8
                    redis://h/%00           | its path has an escaped control character
                    redis://h/%0A           | its path has an escaped control character
                    redis://h/%C2%85        | its path has an escaped control character
                    redis://u%00:p@h        | its user name has an escaped control character
                    redis://u:p%zz@h        | its password has a '%' without
                    memory:x#y              | '#'
                    memory:x y              | space or control character
                    'memory:x '             | space or control character
                    memory:x?               | setting 1 after the '?' is not KEY=VALUE
                    memory:x?lease          | setting 1 after the '?' is not KEY=VALUE
                    memory:x?=5s            | setting 1 after the '?' is not KEY=VALUE
                    memory:x?a=1&           | setting 2 after the '?' is not KEY=VALUE
                    memory:x?a=1&&b=2       | setting 2 after the '?' is not KEY=VALUE
                    memory:x?a=1&a=2        | setting 2 after the '?' repeats
                    memory:x?a=1&%61=2      | setting 2 after the '?' repeats
                    memory:x?a=%            | value of setting 1
                    memory:x?%=a            | key of setting 1
                    """)
    void malformed(String text, String problem) {
        assertThatThrownBy(() -> StoreUri.parse(text))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining(problem)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, '\t', '\n', '\r', 0x7f, 0x85, 0xa0, 0x2028, 0x3000, 0xd800, 0xdc00})
    void charactersThatNoAddressHas(int c) {
        assertThatThrownBy(() -> StoreUri.parse("memory:a" + (char) c + "b"))
                .isInstanceOf(LockConfigException.class)
                .hasMessageNotContaining(String.valueOf((char) c));
    }

    @Test
    void nullIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> StoreUri.parse(null));
    }

    @ParameterizedTest
    @DisplayName("ER-1: no message shows a password, wherever the characters that should have been escaped put it")
    @ValueSource(
            strings = {
                "redis://bob:SECRET/SECRET@h:1",
                "redis://bob:12/SECRET@h:1",
                "redis://bob:SECRET?SECRET@h",
                "redis://bob:SECRET#@h",
                "redis://bob:SECRET%@h",
                "redis://bob:SECRET%0A@h",
                "redis://bob:SECRET @h",
                "redis://bob:SECRET@h:SECRET@x:y",
                "redis://bob:SECRET@",
                "redis://bob:SECRET",
                "redis://SECRET:@@h:x",
                "redis://h?password=SECRET&SECRET",
                "redis://h?password=SECRET%",
                "redis://h?password=a&password=SECRET",
                "SECRET",
                "//bob:SECRET@h",
                "redis//bob:SECRET@h"
            })
    void messagesShowNoPassword(String text) {
        assertThatThrownBy(() -> StoreUri.parse(text))
                .isInstanceOf(LockConfigException.class)
                .hasMessageNotContaining("SECRET");
    }

    @Test
    void hintsAtEscapes() {
        assertThatThrownBy(() -> StoreUri.parse("redis://bob:se/cret@h:1"))
                .hasMessageContaining("in a user name or password write / as %2F");
    }

    @ParameterizedTest
    @DisplayName("ER-1: what is shown hides user-info and the values of secret keys")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    redis://bob:pw@h:1,h2/0      | redis://***@h:1,h2/0
                    redis://token@h              | redis://***@h
                    redis://:pw@[::1]:1/         | redis://***@[::1]:1/
                    redis://h?password=a&lease=5s | redis://h?password=***&lease=5s
                    redis://h?PassWord=a         | redis://h?PassWord=***
                    redis://h?acl-token=a&token=b&client-secret=c | redis://h?acl-token=***&token=***&client-secret=***
                    redis://h?tls.key=/k         | redis://h?tls.key=***
                    redis:u:pw@h:1               | redis:***@h:1
                    redis:///u:pw@h/0            | redis:///***@h/0
                    redis:u:p@w@h                | redis:***@h
                    consul://h?api-key=a&passphrase=b&credential=c | consul://h?api-key=***&passphrase=***&credential=***
                    file:/a@b                    | file:/a@b
                    memory:a@b                   | memory:a@b
                    redis://h?token-base=7&token-retention=1h&password-file=/f | redis://h?token-base=7&token-retention=1h&password-file=/f
                    file:///a%20b?x=%26          | file:///a%20b?x=%26
                    file:////net                 | file:////net
                    memory:%25%3F%23             | memory:%25%3F%23
                    memory:a%E2%80%AEb           | memory:a%E2%80%AEb
                    """)
    void redacted(String text, String shown) {
        assertThat(StoreUri.parse(text).redacted()).isEqualTo(shown);
        assertThat(StoreUri.parse(text)).hasToString(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://u:p@h",
                "redis://:p@h",
                "redis:u:p@h",
                "redis:///u:p@h",
                "redis://h?password=x",
                "consul://h?token=x",
                "etcd://h?tls.key=x",
                "jdbc:h2:tcp://h/x;USER=sa;PASSWORD=x",
                "jdbc:mariadb://db/app&password=x"
            })
    void addressesWithSecrets(String text) {
        assertThat(StoreUri.parse(text).hasSecrets()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis://u@h", "redis://h?password-file=x", "memory:token", "redis://h?token-base=1"})
    void addressesWithoutSecrets(String text) {
        assertThat(StoreUri.parse(text).hasSecrets()).isFalse();
    }

    @Test
    @DisplayName("an address of any parts is read as these parts, and what is shown of it reads as the same address")
    void roundTrip() {
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            boolean hosts = random.nextBoolean();
            String path = text(random, hosts ? 1 : 0);
            String value = text(random, 0);
            String uri = (hosts ? "redis://h:1,[::1]/" : "file:")
                    + StoreUri.encodePath(path).replace("@", "%40") + "?key="
                    + StoreUri.encodePath(value).replace("&", "%26");
            StoreUri parsed = StoreUri.parse(uri);
            assertThat(parsed.path()).as(uri).isEqualTo(hosts ? "/" + path : path);
            assertThat(parsed.query()).as(uri).containsEntry("key", value);
            assertThat(StoreUri.parse(parsed.redacted())).as(uri).isEqualTo(parsed);
        }
    }

    @Test
    @DisplayName("any text is either read or refused by our own exception, in one printable line")
    void anyText() {
        Random random = new Random(SEED);
        String nasty = "redis:/?#[]@,%&=+~. \n\u0000a1é\ud83d\udd12\ud800";
        int read = 0;
        for (int i = 0; i < 50_000; i++) {
            String text = (random.nextBoolean() ? "redis://" : "")
                    + IntStream.range(0, random.nextInt(12))
                            .mapToObj(n -> String.valueOf(nasty.charAt(random.nextInt(nasty.length()))))
                            .collect(Collectors.joining());
            try {
                assertThat(StoreUri.parse(text).redacted()).matches("[^\\p{Cntrl}\\s]*");
                read++;
            } catch (LockConfigException refused) {
                assertThat(refused.getMessage()).as(text).matches("[^\\p{Cntrl}]*");
            }
        }
        assertThat(read).as("texts that were read, of 50000").isPositive();
    }

    /** Text that a decoded part may have: anything but control characters. */
    private static String text(Random random, int least) {
        return random.ints(least + random.nextInt(8), 0x20, 0x2100)
                .filter(c -> !Character.isISOControl(c))
                .mapToObj(Character::toString)
                .collect(Collectors.joining("", random.nextInt(4) == 0 && least == 0 ? "//" : "", ""));
    }

    @Test
    void equality() {
        StoreUri uri = StoreUri.parse("redis://u:p@h?a=b");
        assertThat(uri)
                .isEqualTo(StoreUri.parse("REDIS://u:p@h?%61=b"))
                .hasSameHashCodeAs(StoreUri.parse("redis://u:p@h?a=b"));
        for (String other :
                List.of("redis://u:q@h?a=b", "redis://v:p@h?a=b", "redis://u:p@h?a=c", "redis://u:p@h:1?a=b")) {
            assertThat(uri).isNotEqualTo(StoreUri.parse(other));
        }
        assertThat(uri).isNotEqualTo("redis://u:p@h?a=b");
    }
}
