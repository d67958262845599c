// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameCodecTest {
    private static final Path NAMES = Path.of("/names");

    private final NameCodec codec = new NameCodec(false);

    @ParameterizedTest
    @ValueSource(strings = {"a", "nightly-report", "A.b_C-9", ".hidden", "...", "a..b", "-"})
    void plainNamesStayAsTheyAre(String name) {
        assertThat(codec.resolve(NAMES, name)).isEqualTo(NAMES.resolve(name));
    }

    @ParameterizedTest
    @DisplayName("NA-3: no name leads out of the directory, nor into that of another")
    @ValueSource(
            strings = {
                ".",
                "..",
                "/",
                "a/b",
                "../x",
                "/etc/passwd",
                "a/../../b",
                "%2E%2E",
                "a+",
                "a\0b",
                "a\nb",
                "~",
                "*",
                "\\",
                "\u202e",
                "ü",
                "CON",
                " ",
                "place-0000000000000001-0000000000000001-0000000000000001"
            })
    void hostileNamesStayInside(String name) {
        Path directory = codec.resolve(NAMES, name);
        assertThat(directory.normalize()).isEqualTo(directory);
        assertThat(directory.getParent()).isEqualTo(NAMES);
        assertThat(codec.decode(NAMES, directory)).isEqualTo(name);
    }

    @Test
    @DisplayName("NA-2: different names have different directories, none within another's, and each is read back")
    void differentNamesNeverMeet() {
        Random random = new Random(7);
        Map<Path, String> seen = new HashMap<>();
        String alphabet = "ab.-_%+/AB é\0~2";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder name = new StringBuilder();
            int length = 1 + (i % 5 == 0 ? random.nextInt(170) : random.nextInt(4));
            for (int c = 0; c < length; c++) {
                name.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            Path directory = codec.resolve(NAMES, name.toString());
            assertThat(seen.getOrDefault(directory, name.toString())).isEqualTo(name.toString());
            seen.put(directory, name.toString());
            assertThat(codec.decode(NAMES, directory)).isEqualTo(name.toString());
        }
        for (Path directory : seen.keySet()) {
            for (Path above = directory.getParent(); !above.equals(NAMES); above = above.getParent()) {
                assertThat(seen).doesNotContainKey(above);
            }
        }
    }

    @Test
    @DisplayName("NA-1: the longest name in the widest letters has a place, and no step of it is too long")
    void longestName() {
        String name = "\uD83D\uDD12".repeat(128);
        assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSize(512);
        Path directory = codec.resolve(NAMES, name);
        List<String> steps = new ArrayList<>();
        NAMES.relativize(directory).forEach(step -> steps.add(step.toString()));
        assertThat(steps).hasSizeGreaterThan(1).allSatisfy(step -> assertThat(step)
                .hasSizeLessThan(255));
        assertThat(codec.decode(NAMES, directory)).isEqualTo(name);
    }

    @ParameterizedTest
    @DisplayName("NA-3: a long name whose last piece would be dots alone stays inside")
    @ValueSource(strings = {".", ".."})
    void dotsAfterAFullPiece(String end) {
        String name = "a".repeat(NameCodec.SEGMENT) + end;
        Path directory = codec.resolve(NAMES, name);
        assertThat(directory.normalize()).isEqualTo(directory);
        assertThat(directory.getNameCount()).isEqualTo(3);
        assertThat(codec.decode(NAMES, directory)).isEqualTo(name);
    }

    @Test
    @DisplayName("NA-2: where A is taken for a, no two names have one directory")
    void foldedNamesNeverMeet() {
        NameCodec folding = new NameCodec(true);
        assertThat(folding.encode("Ab").toLowerCase(Locale.ROOT))
                .isNotEqualTo(folding.encode("ab").toLowerCase(Locale.ROOT));
        assertThat(folding.decode(NAMES, folding.resolve(NAMES, "Ab/C"))).isEqualTo("Ab/C");
    }

    @ParameterizedTest
    @DisplayName("what is no directory of ours is no name")
    @ValueSource(strings = {"a b", "%2", "%2x", "%61", "%FF", "a%2f", "x+/y"})
    void foreignDirectoriesAreNoNames(String directory) {
        assertThat(codec.decode(NAMES, NAMES.resolve(directory))).isNull();
    }

    @Test
    void refusesAnUnpairedSurrogate() {
        assertThatThrownBy(() -> codec.encode("a\uD800")).isInstanceOf(IllegalArgumentException.class);
    }
}
