// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What each module shows to others is written down beside it in {@code api.txt}, so that a review sees when it changes.
 *
 * <p>{@code -Dholdfast.api.write} writes the files anew.
 */
class PublicApiTest {
    /** What lock-api does not export; lock-tck has an internal package of its own. */
    private static final Pattern ENGINE = Pattern.compile("io\\.holdfast\\.internal\\b");

    private static final Pattern NOT_SHOWN =
            Pattern.compile(".*[/\\\\]internal[/\\\\].*|.*(module|package)-info\\.class");

    /**
     * Who writes a tool or a backend of his own has no more than is public; our own must make do with it, too. Lock-proof tests the engine.
     */
    @Test
    void nothingOfOursReachesIntoTheEngine() {
        Path engine = Project.root().resolve("lock-api");
        List<Path> others = Project.files(".java").stream()
                .filter(file -> !file.startsWith(engine)
                        && !file.startsWith(Project.root().resolve("lock-proof")))
                .toList();
        assertThat(others).as("files looked into").hasSizeGreaterThan(300);
        assertThat(others).allSatisfy(file -> assertThat(Project.text(file)).doesNotContainPattern(ENGINE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lock-api",
                "lock-local",
                "lock-redis",
                "lock-consul",
                "lock-jdbc",
                "lock-etcd",
                "lock-zookeeper",
                "lock-tck",
                "lock-lab"
            })
    void isAsWrittenDown(String module) throws IOException {
        Path written = Project.root().resolve(module).resolve("api.txt");
        String now = api(Project.root().resolve(module).resolve("target/classes"));
        if (System.getProperty("holdfast.api.write") != null) {
            Files.writeString(written, now);
        }
        assertThat(now)
                .as(
                        "the public API of %s; if its change is meant, run this test with -Dholdfast.api.write, commit"
                                + " %1$s/api.txt, and tell users in CHANGELOG.md",
                        module)
                .isEqualTo(Project.text(written));
    }

    @Test
    void whatOthersCannotReachIsNotPartOfIt() throws IOException {
        assertThat(api(Project.root().resolve("lock-api/target/classes")))
                .contains("interface io.holdfast.DistributedLock extends ")
                .doesNotContain(".internal.");
        assertThat(api(Project.root().resolve("lock-redis/target/classes")))
                .contains("class io.holdfast.redis.RedisBackend ")
                .doesNotContain("class io.holdfast.redis.RedisSession");
        assertThat(shape(Shown.class).toString())
                .contains("protected int count(java.util.List<")
                .doesNotContain("hidden");
    }

    /** What the test above looks at. */
    public static class Shown {
        protected int count(List<String> names) {
            return hidden(names);
        }

        int hidden(List<String> names) {
            return names.size();
        }
    }

    private static String api(Path classes) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(file ->
                            file.endsWith(".class") && !NOT_SHOWN.matcher(file).matches())
                    .map(file ->
                            file.substring(0, file.length() - ".class".length()).replace(File.separatorChar, '.'))
                    .sorted()
                    .map(PublicApiTest::load)
                    .filter(PublicApiTest::isReached)
                    .map(type -> String.join("\n  ", shape(type)) + "\n")
                    .collect(Collectors.joining("\n"));
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, PublicApiTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isReached(Class<?> type) {
        return isShown(type.getModifiers())
                && !type.isSynthetic()
                && (type.getEnclosingClass() == null || isReached(type.getEnclosingClass()));
    }

    private static boolean isShown(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    /** The type, then its public and protected members in the order of their text. */
    private static List<String> shape(Class<?> type) {
        List<String> lines = new ArrayList<>();
        String kind = type.isInterface() ? " " : " class ";
        String above = Stream.concat(
                        Stream.ofNullable(type.getGenericSuperclass()), Stream.of(type.getGenericInterfaces()))
                .filter(one -> one != Object.class)
                .map(Type::getTypeName)
                .collect(Collectors.joining(", "));
        lines.add(Modifier.toString(type.getModifiers())
                + kind
                + type.getName()
                + Arrays.toString(type.getTypeParameters()).replace("[]", "")
                + (above.isEmpty() ? "" : " extends " + above));
        Stream.<Stream<? extends Member>>of(
                        Stream.of(type.getDeclaredFields()),
                        Stream.of(type.getDeclaredConstructors()),
                        Stream.of(type.getDeclaredMethods()))
                .flatMap(members -> members)
                .filter(member -> isShown(member.getModifiers()) && !member.isSynthetic())
                .map(member -> text(member).replace(" " + type.getName() + ".", " "))
                .sorted()
                .forEach(lines::add);
        return lines;
    }

    private static String text(Member member) {
        return member instanceof Executable executable
                ? executable.toGenericString()
                : ((Field) member).toGenericString();
    }
}
