// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two copies of this module in one JVM, as two web applications have them: classes that know nothing of each other. */
class FileClassLoadersTest {
    @TempDir
    Path directory;

    private final List<String> sessions = new ArrayList<>();

    @Test
    @DisplayName(
            "ME-1: copies in two class loaders exclude each other, and their probing frees nothing for other processes")
    void copiesExcludeEachOther() throws Exception {
        try (URLClassLoader first = loader();
                URLClassLoader second = loader();
                PuppetProcess there = PuppetProcess.in(directory)) {
            UnaryOperator<String> one = puppet(first);
            UnaryOperator<String> two = puppet(second);
            assertThat(one.getClass()).isNotEqualTo(two.getClass());

            long token = Long.parseLong(one.apply("take x"));
            assertThat(two.apply("try x")).isEqualTo("busy");
            assertThat(two.apply("inspect x")).isEqualTo(Long.toString(token));
            assertThat(two.apply("list")).isEqualTo("[x]");
            assertThat(there.ask("try x")).isEqualTo("busy");
            assertThat(sessions).hasSize(2);
            for (String session : sessions) {
                assertThat(there.ask("is-locked " + session))
                        .as("no copy has closed a descriptor of the other's lock file")
                        .isEqualTo("true");
            }

            assertThat(two.apply("queue x")).isEqualTo("WAITING");
            assertThat(one.apply("release x")).isEqualTo("true");
            long next = Long.parseLong(two.apply("granted x"));
            assertThat(next).isGreaterThan(token);
            assertThat(one.apply("try x")).isEqualTo("busy");
            assertThat(one.apply("close")).isEqualTo("closed");
            assertThat(there.ask("is-locked " + sessions.get(1))).isEqualTo("true");
            assertThat(there.ask("try x"))
                    .as("the other copy's end frees nothing of this one")
                    .isEqualTo("busy");

            assertThat(two.apply("release x")).isEqualTo("true");
            assertThat(Long.parseLong(there.ask("try x"))).isGreaterThan(next);
            assertThat(there.ask("close")).isEqualTo("closed");
            assertThat(two.apply("close")).isEqualTo("closed");
        }
        FileFixture.assertNothingLeft(directory);
        assertThat(System.getProperties().stringPropertyNames()).noneMatch(key -> key.startsWith("io.holdfast.local."));
    }

    @Test
    @DisplayName(
            "ME-1: a copy that is not told of the other's sessions, as the system properties were replaced, frees nothing")
    void copiesThatDoNotKnowEachOther() throws Exception {
        try (URLClassLoader first = loader();
                URLClassLoader second = loader();
                PuppetProcess there = PuppetProcess.in(directory)) {
            UnaryOperator<String> one = puppet(first);
            assertThat(Long.parseLong(one.apply("take x"))).isPositive();
            System.getProperties().values().remove(sessions.get(0));
            UnaryOperator<String> two = puppet(second); // looks at all sessions
            assertThat(two.apply("try x")).isEqualTo("busy");
            assertThat(there.ask("is-locked " + sessions.get(0))).isEqualTo("true");

            assertThat(System.getProperties()).doesNotContainValue(sessions.get(0));
            assertThat(one.apply("renew")).isEqualTo("[]");
            assertThat(System.getProperties()).containsValue(sessions.get(0));

            assertThat(one.apply("release x")).isEqualTo("true");
            assertThat(Long.parseLong(two.apply("try x"))).isPositive();
            assertThat(one.apply("close")).isEqualTo("closed");
            assertThat(two.apply("close")).isEqualTo("closed");
            assertThat(there.ask("close")).isEqualTo("closed");
        }
        FileFixture.assertNothingLeft(directory);
    }

    private static URLClassLoader loader() throws IOException {
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            path.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    @SuppressWarnings("unchecked") // loaded elsewhere, but the interface is the JDK's
    private UnaryOperator<String> puppet(ClassLoader loader) throws ReflectiveOperationException {
        UnaryOperator<String> puppet = (UnaryOperator<String>) loader.loadClass(FilePuppet.class.getName())
                .getDeclaredConstructor()
                .newInstance();
        assertThat(puppet.apply("connect " + directory)).isEqualTo("connected");
        String session = puppet.apply("open PT10S");
        assertThat(session).hasSize(16);
        sessions.add(session);
        return puppet;
    }
}
