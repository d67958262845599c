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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
        Path real = Files.createDirectory(parent.resolve("real"));
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
        Path replaced = FileFixture.root(directory).resolve(path);
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
    @DisplayName("a token being written goes through no link that somebody laid there")
    void linkAtTheNewTokenIsReplaced() throws IOException {
        Path directory = parent.resolve("locks");
        Path victim = Files.writeString(parent.resolve("victim"), "precious");
        try (FileBackend backend = FileFixture.backend(directory)) {
            Client client = Client.open(backend, "1", time);
            Files.createSymbolicLink(FileFixture.root(directory).resolve("token.new"), victim);
            client.release(client.take("x"));
        }
        assertThat(victim).hasContent("precious");
        assertThat(FileFixture.root(directory).resolve("token")).isRegularFile();
    }

    @Test
    @DisplayName("ER-1: a directory that everybody may write to is refused, unless only owners may remove there")
    void worldWritableDirectoryIsRefused() throws IOException {
        Path directory = Files.createDirectory(parent.resolve("open"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> FileFixture.backend(directory))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("chmod o-w " + directory);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void worldWritableDirectoryWithTheStickyBitIsTaken() throws Exception {
        Path directory = Files.createDirectory(parent.resolve("sticky"));
        run("chmod", "1777", directory.toString());
        FileFixture.backend(directory).close();
        assertThat(FileFixture.root(directory)).isDirectory();
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

        FileSettings usual = FileFixture.settings(directory);
        FileSettings shared = new FileSettings(
                directory, usual.prefix(), usual.crashGrace(), usual.patience(), true, usual.allowNetwork());
        try (FileBackend backend = FileStores.JVM.open(shared)) {
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
        run("mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", disk.toString());
        try (FileBackend backend = FileFixture.backend(disk.resolve("locks"))) {
            Client client = Client.open(backend, "1", time);
            Client other = Client.open(backend, "2", time);
            Grant held = client.take("held");
            Contender waiting = other.queue("held");
            await(waiting.answered());
            fill(disk.resolve("ballast"));

            Contender refused = client.queue("x");
            assertThatThrownBy(() -> await(refused.answered()))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining("lock 'x'")
                    .hasMessageContaining("disk is full");
            await(refused.withdraw());
            assertThat(await(backend.list())).extracting(StoredLock::name).containsExactly("held");
            assertThat(client.release(held)).isTrue();

            Files.delete(disk.resolve("ballast"));
            Grant next = await(waiting.granted());
            assertThat(next.storeToken()).isGreaterThan(held.storeToken());
            assertThat(await(client.queue("x").answered())).isEqualTo(GRANTED);
        } finally {
            run("umount", disk.toString());
        }
    }

    /** To the last block. */
    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(new byte[512]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
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
}
