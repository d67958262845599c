// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.LockDeniedException;
import io.holdfast.LockUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LK-3: who owns a place on the way to the directory, or may write there, can put another directory in its place. */
class DirectoryWayTest {
    private static final int STRANGER = 65534;

    @TempDir
    Path parent;

    /** Opened to everybody, as most ways are; the directory of a test is closed to others. */
    @BeforeEach
    void open() throws IOException {
        mode(parent, 0755);
    }

    private static void mode(Path path, int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode);
    }

    private static void give(Path path) throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can give a file to another user");
        Files.setAttribute(path, "unix:uid", STRANGER, LinkOption.NOFOLLOW_LINKS);
    }

    private Path make(String path) throws IOException {
        Path made = parent.toRealPath().resolve(path);
        Files.createDirectories(
                made, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        return made;
    }

    private static FileBackend backend(Path directory) {
        return FileFixture.backend(directory);
    }

    private static FileBackend shared(Path directory) {
        FileSettings usual = FileFixture.settings(directory);
        return FileStores.JVM.open(new FileSettings(
                directory, usual.prefix(), usual.crashGrace(), usual.patience(), true, usual.allowNetwork()));
    }

    private static void use(FileBackend opened) {
        try (FileBackend backend = opened) {
            Client client = Client.open(backend, "1", new ManualRuntime());
            client.release(client.take("x"));
        }
    }

    private void assertRefused(Path directory, Path culprit, String what, String advice) throws IOException {
        Set<String> before = Set.copyOf(FileFixture.tree(parent));
        assertThatThrownBy(() -> backend(directory))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining(culprit + " ")
                .hasMessageContaining(what)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining(advice);
        assertThatThrownBy(() -> new DirectoryDiagnosis(FileFixture.settings(directory)).findings())
                .as("what is refused is not diagnosed as well")
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining(culprit + " ");
        assertThat(FileFixture.tree(parent)).as("nothing was written").containsExactlyInAnyOrderElementsOf(before);
    }

    @ParameterizedTest
    @DisplayName("LK-3: below a directory of another user, far up too, and made or not yet made")
    @ValueSource(strings = {"a", "a/b", "a/b/c"})
    void ancestorOfAnother(String given) throws IOException {
        Path directory = make("a/b/c/locks");
        give(parent.resolve(given));
        Path culprit = parent.toRealPath().resolve(given);
        assertRefused(directory, culprit, "belongs to another user (nobody)", "chown");
        Files.delete(directory);
        assertRefused(directory, culprit, "belongs to another user (nobody)", "chown");
        assertRefused(directory.resolve("d/e"), culprit, "belongs to another user (nobody)", "chown");
    }

    @Test
    @DisplayName("LK-3: below a directory that everybody may write to and remove from")
    void ancestorThatEverybodyMayWrite() throws IOException {
        Path directory = make("a/b/locks");
        Path culprit = directory.getParent().getParent();
        mode(culprit, 0777);
        assertRefused(directory, culprit, "may be written by others", "chmod go-w " + culprit);
        mode(culprit, 01777);
        use(backend(directory));
    }

    @Test
    @DisplayName("LK-3: in a sticky directory its own owner may remove all the same")
    void stickyDirectoryOfAnother() throws IOException {
        Path directory = make("a/locks");
        mode(directory.getParent(), 01777);
        give(directory.getParent());
        assertRefused(directory, directory.getParent(), "belongs to another user (nobody)", "chown");
    }

    @Test
    @DisplayName("LK-3: a group may be others; it is not where nobody but the owner comes to the place")
    void ancestorThatAGroupMayWrite() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can give a file to any group");
        Path directory = make("a/b/locks");
        Path culprit = directory.getParent();
        mode(culprit, 0775);
        Files.setAttribute(culprit, "unix:gid", 12, LinkOption.NOFOLLOW_LINKS);
        assertRefused(directory, culprit, "may be written by others", "chmod go-w " + culprit);
        use(shared(make("a/b/shared")));
        mode(parent, 0700);
        use(backend(directory));
    }

    @Test
    @DisplayName("LK-3: a user's own group, as umask 002 is made for, is nobody else")
    void privateGroup() {
        List<String> users =
                List.of("root:x:0:0:root:/root:/bin/bash", "ann:x:1000:1000::/home/ann:/bin/sh", "damaged");
        List<String> groups = List.of("root:x:0:", "ann:x:1000:ann", "team:x:50:ann,bob", "alone:x:51:", "damaged");
        PrivateGroups known = new PrivateGroups(users, groups);
        assertThat(known.isOf(1000, 1000)).isTrue();
        assertThat(known.isOf(0, 0)).isTrue();
        assertThat(known.isOf(1000, 50)).as("a team").isFalse();
        assertThat(known.isOf(1000, 51)).as("whose group has nobody now").isFalse();
        assertThat(known.isOf(1000, 0)).as("somebody else's").isFalse();
        assertThat(known.isOf(7, 7)).as("not in the files").isFalse();
        PrivateGroups joined = new PrivateGroups(
                List.of("ann:x:1000:1000::/home/ann:/bin/sh", "bob:x:1001:1000::/home/bob:/bin/sh"),
                List.of("ann:x:1000:"));
        assertThat(joined.isOf(1000, 1000)).as("another user's first group").isFalse();
        assertThat(new PrivateGroups(List.of("ann:x:1000:1000::/home/ann:/bin/sh"), List.of("ann:x:1000:bob"))
                        .isOf(1000, 1000))
                .as("another user's further group")
                .isFalse();
    }

    @ParameterizedTest
    @DisplayName("LK-3: a symbolic link of another user, at the end and on the way")
    @ValueSource(strings = {"link", "link/below"})
    void linkOfAnother(String path) throws IOException {
        Path real = make("real");
        make("real/below");
        Path link = Files.createSymbolicLink(parent.toRealPath().resolve("link"), real);
        use(backend(parent.toRealPath().resolve(path)));
        give(link);
        assertRefused(parent.toRealPath().resolve(path), link, "belongs to another user (nobody)", "that it leads to");
    }

    @Test
    @DisplayName("LK-3: what a link leads through is on the way, too")
    void linkThroughAnothersDirectory() throws IOException {
        Path theirs = make("theirs");
        make("own/locks");
        Path inner = Files.createSymbolicLink(theirs.resolve("inner"), Path.of("../own"));
        Path link = Files.createSymbolicLink(parent.toRealPath().resolve("link"), Path.of("theirs/inner/./locks"));
        use(backend(link));
        give(theirs);
        assertRefused(link, theirs, "belongs to another user (nobody)", "chown");
        assertRefused(inner.resolve("../own/locks"), theirs, "belongs to another user (nobody)", "chown");
    }

    @Test
    @DisplayName("LK-3: shared, the owner of the directory may own the way to it, and nobody else")
    void sharedWay() throws IOException {
        Path directory = make("a/locks");
        give(directory.getParent());
        assertThatThrownBy(() -> shared(directory))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining(directory.getParent() + " ");
        give(directory);
        use(shared(directory));
    }

    @Test
    @DisplayName("ER-1: links that go in a circle end")
    void circle() throws IOException {
        Path link = parent.toRealPath().resolve("link");
        Files.createSymbolicLink(link, Path.of("link"));
        assertThatThrownBy(() -> backend(link))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining(link.toString());
    }
}
