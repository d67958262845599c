// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static io.holdfast.local.Client.await;
import static io.holdfast.spi.Contender.Answer.GRANTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.StoredLock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others may have done to a directory, its disk, or a name. */
class FileHardeningTest {
    private static final int NOBODY = 65534;

    private final ManualRuntime time = new ManualRuntime();

    @TempDir
    Path parent;

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS))
                .as(String.join(" ", command))
                .isTrue();
        assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    }

    @Test
    void directoryIsMadeForTheOwnerAlone() throws IOException {
        Path directory = parent.resolve("new/locks");
        FileFixture.backend(directory).close();
        for (Path made : List.of(directory.getParent(), directory, FileFixture.root(directory))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    @DisplayName("a directory may itself be behind a symbolic link")
    void linkToTheDirectoryIsFollowed() throws IOException {
        Path real = Files.createDirectory(
                parent.resolve("real"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path link = Files.createSymbolicLink(parent.resolve("link"), real);
        try (FileBackend direct = FileFixture.backend(real);
                FileBackend behind = FileFixture.backend(link)) {
            Client.open(direct, "1", time).take("x");
            assertThat(await(Client.open(behind, "2", time).attempt("x").answered()))
                    .isEqualTo(Contender.Answer.BUSY);
        }
    }

    @ParameterizedTest
    @DisplayName("NA-3: symbolic links inside the directory are refused")
    @ValueSource(strings = {"", "names", "sessions", "mutex", "token", "names/x"})
    void linksInsideAreRefused(String path) throws IOException {
        Path directory = parent.resolve("locks");
        try (FileBackend backend = FileFixture.backend(directory)) { // makes what there is
            Client first = Client.open(backend, "first", time);
            first.release(first.take("x"));
        }
        Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
        Path victim = Files.writeString(parent.resolve("victim"), "41\n");
        Path replaced = part(directory, path);
        boolean file = path.equals("mutex") || path.equals("token");
        if (path.isEmpty()) {
            Files.move(replaced, parent.resolve("moved"));
        } else {
            Files.deleteIfExists(replaced);
        }
        Files.createSymbolicLink(replaced, file ? victim : elsewhere);

        assertThatThrownBy(() -> {
                    try (FileBackend backend = FileFixture.backend(directory)) {
                        await(Client.open(backend, "second", time).queue("x").answered());
                    }
                })
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("symbolic link")
                .hasMessageContaining(directory.toString());
        assertThat(elsewhere).isEmptyDirectory();
        assertThat(victim).hasContent("41\n");
    }

    @Test
    @DisplayName("ER-1: a directory that everybody may write to is refused, unless only owners may remove there")
    void worldWritableDirectoryIsRefused() throws IOException {
        Path directory = Files.createDirectory(parent.resolve("open"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> FileFixture.backend(directory))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("chmod go-w " + directory);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    @DisplayName(
            "LK-3: a directory that a group may write to is refused, unless shared is asked for or only owners may remove")
    void groupWritableDirectoryIsRefused() throws Exception {
        Path directory = Files.createDirectory(parent.resolve("group"));
        run("chmod", "0770", directory.toString());
        assertThatThrownBy(() -> FileFixture.backend(directory))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("chmod go-w " + directory)
                .hasMessageContaining("file.shared=true");
        assertThat(directory).isEmptyDirectory();

        run("chmod", "1770", directory.toString());
        use(directory);
        run("chmod", "0770", directory.toString());
        run("chmod", "-R", "g+w", FileFixture.root(directory).toString());
        try (FileBackend backend = FileStores.JVM.open(shared(directory))) {
            Client.open(backend, "1", time).take("x");
        }
    }

    private Path sticky() throws Exception {
        Path directory = Files.createDirectory(parent.resolve("sticky"));
        run("chmod", "1777", directory.toString());
        return directory;
    }

    @Test
    @DisplayName("LK-3: a directory like /run/lock is taken, and what is made in it is ours alone")
    void stickyDirectoryIsTaken() throws Exception {
        Path directory = sticky();
        try (FileBackend backend = FileFixture.backend(directory)) {
            Client client = Client.open(backend, "1", time);
            client.release(client.take("x"));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(FileFixture.root(directory))))
                .isEqualTo("rwx------");
    }

    @ParameterizedTest
    @DisplayName("LK-3: what another user owns inside is refused, to root as well: he was there first")
    @ValueSource(strings = {"", "names", "sessions", "mutex", "token"})
    void foreignPartsAreRefused(String path) throws Exception {
        assumeTrue(isRoot(), "only root can give a file to another user");
        Path directory = sticky();
        FileFixture.backend(directory).close();
        use(directory);
        Files.setAttribute(part(directory, path), "unix:uid", NOBODY, LinkOption.NOFOLLOW_LINKS);
        assertThatThrownBy(() -> use(directory))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("belongs to another user")
                .hasMessageContaining(directory.toString());
    }

    @ParameterizedTest
    @DisplayName("LK-3: what others may write to inside is refused")
    @ValueSource(strings = {"", "names", "sessions", "mutex", "token"})
    void partsThatOthersMayWriteAreRefused(String path) throws Exception {
        Path directory = parent.resolve("locks");
        use(directory);
        for (String mode : List.of("g+w", "o+w")) {
            Path part = part(directory, path);
            run("chmod", "go-w", part.toString());
            use(directory);
            run("chmod", mode, part(directory, path).toString());
            assertThatThrownBy(() -> use(directory))
                    .as(mode)
                    .isInstanceOf(LockDeniedException.class)
                    .hasMessageContaining("chmod go-w " + directory.toRealPath());
        }
    }

    @Test
    @DisplayName("LK-3: a holder learns that its directory came to others' hands")
    void changedWhileInUse() throws Exception {
        Path directory = parent.resolve("locks");
        try (FileBackend backend = FileFixture.backend(directory)) {
            Client client = Client.open(backend, "1", time);
            client.release(client.take("x"));
            Path names = FileFixture.root(directory).resolve("names");
            run("chmod", "o+w", names.toString());
            Contender refused = client.queue("x");
            assertThatThrownBy(() -> await(refused.answered())).isInstanceOf(LockDeniedException.class);
            await(backend.diagnose().handle((findings, denied) -> {
                assertThat(denied).isInstanceOf(LockDeniedException.class);
                return true;
            }));
            run("chmod", "o-w", names.toString());
            await(refused.withdraw());
        }
    }

    @Test
    @DisplayName("CL-4: what came to others' hands keeps no release, no session and no thread of a closed backend")
    void closedWhileRefused() throws Exception {
        Path directory = parent.resolve("locks");
        FileBackend backend = FileFixture.backend(directory);
        Client one = Client.open(backend, "1", time);
        Client two = Client.open(backend, "2", time);
        Grant released = one.take("x");
        one.take("y");
        two.take("z");
        Path names = FileFixture.root(directory).resolve("names");
        run("chmod", "o+w", names.toString());

        assertThat(one.release(released)).isTrue();
        backend.close();

        assertThat(one.sessionLosses).hasSize(1);
        assertThat(two.sessionLosses).hasSize(1);
        assertThat(FileFixture.tree(names)).noneMatch(path -> path.contains("/holder-"));
        assertThat(FileFixture.tree(names.resolveSibling("sessions"))).isEmpty();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("holdfast-file:" + directory);
        run("chmod", "o-w", names.toString());
        use(directory);
    }

    @Test
    @DisplayName("LK-3: shared by a group is not shared with everybody, sticky bit or not")
    void stickyIsNoGroup() throws Exception {
        Path directory = sticky();
        assertThatThrownBy(() -> FileStores.JVM.open(shared(directory)))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("chmod o-w " + directory.toRealPath());
    }

    private static FileSettings shared(Path directory) {
        FileSettings usual = FileFixture.settings(directory);
        return new FileSettings(
                directory, usual.prefix(), usual.crashGrace(), usual.patience(), true, usual.allowNetwork());
    }

    private void use(Path directory) {
        try (FileBackend backend = FileFixture.backend(directory)) {
            Client client = Client.open(backend, "1", time);
            client.release(client.take("x"));
        }
    }

    private static Path part(Path directory, String path) throws IOException {
        return path.equals("token")
                ? FileFixture.token(directory)
                : FileFixture.root(directory).resolve(path);
    }

    @Test
    @DisplayName("ER-1: a directory of another user is refused, to root as well, unless shared is asked for")
    void foreignDirectoryIsRefused() throws IOException {
        assumeTrue(isRoot(), "only root can give a directory to another user");
        Path directory = Files.createDirectory(parent.resolve("theirs"));
        Files.setAttribute(directory, "unix:uid", NOBODY);
        assertThatThrownBy(() -> FileFixture.backend(directory))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("another user")
                .hasMessageContaining("file.shared=true");
        assertThat(directory).isEmptyDirectory();

        try (FileBackend backend = FileStores.JVM.open(shared(directory))) {
            Client.open(backend, "1", time).take("x");
            for (String path : FileFixture.tree(directory)) {
                Path file = directory.resolve(path);
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(path)
                        .isEqualTo(Files.isDirectory(file) ? "rwxrwx---" : "rw-rw----");
            }
        }
    }

    @Test
    @DisplayName("UO-1: on a full disk a contend fails, leaves nothing half done, and releases still work")
    void fullDisk() throws Exception {
        assumeTrue(isRoot(), "only root can mount a small file system");
        Path disk = Files.createDirectory(parent.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=40,mode=0700", "tmpfs", disk.toString());
        try (FileBackend backend = FileFixture.backend(disk.resolve("locks"))) {
            Client client = Client.open(backend, "1", time);
            Client other = Client.open(backend, "2", time);
            Grant held = client.take("held");
            Contender waiting = other.queue("held");
            await(waiting.answered());
            Path ballast = Files.createDirectory(disk.resolve("ballast"));
            fill(ballast);

            Contender refused = client.queue("x");
            assertThatThrownBy(() -> await(refused.answered()))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining("lock 'x'")
                    .hasMessageContaining("disk is full");
            await(refused.withdraw());
            assertThat(await(backend.list())).extracting(StoredLock::name).containsExactly("held");
            assertThat(client.release(held)).isTrue();

            Grant next = await(waiting.granted());
            assertThat(next.storeToken()).as("a token and a turn need no room").isGreaterThan(held.storeToken());

            for (String file : FileFixture.tree(ballast)) {
                Files.delete(ballast.resolve(file));
            }
            assertThat(await(client.queue("x").answered())).isEqualTo(GRANTED);
        } finally {
            run("umount", disk.toString());
        }
    }

    /** To the last file that it has room for. */
    private static void fill(Path ballast) {
        assertThatThrownBy(() -> {
                    for (int i = 0; true; i++) {
                        Files.createFile(ballast.resolve(Integer.toString(i)));
                    }
                })
                .hasMessageContaining("No space left");
    }

    @Test
    @DisplayName("CF-5: what is no directory is refused")
    void fileInTheWayIsRefused() throws IOException {
        Path file = Files.createFile(parent.resolve("file"));
        assertThatThrownBy(() -> FileFixture.backend(file))
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("no directory");
    }

    @ParameterizedTest
    @DisplayName("NA-3: hostile names lock inside the directory, and nothing else happens")
    @ValueSource(
            strings = {
                ".",
                "..",
                "../../escape",
                "/etc/escape",
                "a/b",
                "a\0b",
                "place-0000000000000001-0000000000000001-0000000000000001",
                "+",
                "*",
                "\u202e"
            })
    void hostileNames(String name) throws IOException {
        Path directory = parent.resolve("locks");
        try (FileBackend backend = FileFixture.backend(directory)) {
            Client client = Client.open(backend, "1", time);
            Grant grant = client.take(name);
            Contender waiting = client.queue(name);
            await(waiting.answered());
            assertThat(await(backend.list())).extracting(StoredLock::name).containsExactly(name);
            assertThat(FileFixture.tree(parent)).allMatch(path -> path.startsWith("locks"));
            client.release(grant);
            client.release(await(waiting.granted()));
        }
        FileFixture.assertNothingLeft(directory);
    }

    /** An archive of the JDK's own has none; Windows and some mounted disks are others. */
    @Test
    @DisplayName("LK-3, ER-1: a file system without owners and modes is refused with what to do")
    void fileSystemWithoutOwnersAndModes() throws IOException {
        URI archive = URI.create("jar:" + parent.resolve("archive.zip").toUri());
        try (FileSystem other = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
            Path there = Files.createDirectory(other.getPath("/locks"));
            for (Path directory : List.of(there, there.resolve("new"))) {
                assertThatThrownBy(() -> FileFixture.backend(directory))
                        .isInstanceOf(LockConfigException.class)
                        .hasMessageContainingAll(directory.toString(), "without owners and modes", "another directory");
            }
        }
    }
}
