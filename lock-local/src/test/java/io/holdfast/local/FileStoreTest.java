// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static io.holdfast.local.Client.LEASE;
import static io.holdfast.local.Client.await;
import static io.holdfast.local.Client.isDone;
import static io.holdfast.spi.Contender.Answer.BUSY;
import static io.holdfast.spi.Contender.Answer.GRANTED;
import static io.holdfast.spi.Contender.Answer.WAITING;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Beyond the contract of both stores: what a directory keeps, inside one process. */
class FileStoreTest extends StoreContract {
    private final AtomicLong uptime = new AtomicLong(1_000_000);

    @TempDir
    Path directory;

    @Override
    LockBackend connect() {
        return FileFixture.backend(directory, new LockDirectory.Surroundings(uptime::get, Step.Observer.NONE));
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        backend.close();
        FileFixture.assertNothingLeft(directory);
        await().atMost(20, SECONDS).until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(t -> t.getName().startsWith("holdfast-file:")));
    }

    @Test
    @DisplayName("LK-1: names used once leave nothing, whatever their length")
    void namesLeaveNothing() throws IOException {
        String longest = "ü".repeat(256);
        for (String name : List.of("plain", "a/b", longest, longest.substring(1) + "é")) {
            Grant grant = a.take(name);
            assertThat(await(backend.list())).extracting(StoredLock::name).containsExactly(name);
            a.release(grant);
        }
        assertThat(FileFixture.tree(FileFixture.root(directory).resolve("names")))
                .isEmpty();
    }

    @Test
    void plainNamesAreStoredAsTheyAre() throws IOException {
        a.take("nightly-report_1.x");
        assertThat(FileFixture.root(directory).resolve("names/nightly-report_1.x"))
                .isDirectory();
    }

    @Test
    @DisplayName("NA-3: directories and files are the owner's alone")
    void modes() throws IOException {
        a.take("x");
        b.queue("x");
        await(backend.inspect("x")); // after both were placed
        for (String path : FileFixture.tree(directory)) {
            Path file = directory.resolve(path);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .as(path)
                    .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
        }
    }

    @Test
    @DisplayName("WA-7: a waiter whose client is silent for a lease is passed over, and told")
    void silentWaiterIsPassedOver() {
        Grant grant = a.take("x");
        Contender silent = b.queue("x");
        Contender next = c.queue("x");
        assertThat(await(next.answered())).isEqualTo(WAITING);
        uptime.addAndGet(LEASE.toMillis());
        c.renew();
        a.release(grant);
        assertThat(await(next.granted())).isNotNull();
        assertThat(await(silent.granted())).isNull();
    }

    @Test
    @DisplayName("KE-1: a silent holder keeps its lock: it has no lease")
    void silentHolderKeepsItsLock() {
        Grant grant = a.take("x");
        uptime.addAndGet(100 * LEASE.toMillis());
        assertThat(await(b.attempt("x").answered())).isEqualTo(BUSY);
        assertThat(a.release(grant)).isTrue();
    }

    @Test
    @DisplayName("WA-5: a client that was idle for long is not silent when it comes to wait")
    void idleSessionMayWait() {
        uptime.addAndGet(100 * LEASE.toMillis());
        Grant grant = a.take("x");
        Contender next = b.queue("x");
        assertThat(await(next.answered())).isEqualTo(WAITING);
        a.release(grant);
        assertThat(await(next.granted())).isNotNull();
    }

    @Test
    @DisplayName("WA-4: a try does not pass those in line while a hand-over is under way")
    void tryDoesNotPassTheLine() {
        Grant grant = a.take("x");
        Contender waiter = b.queue("x");
        assertThat(await(waiter.answered())).isEqualTo(WAITING);
        a.session.release(grant);
        Contender attempt = c.attempt("x");
        assertThat(await(attempt.answered())).isEqualTo(BUSY);
        assertThat(await(waiter.granted())).isNotNull();
    }

    @Test
    @DisplayName("LO-5: a session whose files were removed is lost at its next renewal")
    void removedSessionIsLost() throws IOException {
        Contender held = a.queue("x");
        assertThat(await(held.answered())).isEqualTo(GRANTED);
        Files.delete(FileFixture.root(directory)
                .resolve("sessions")
                .resolve(a.session.id())
                .resolve("lock"));
        assertThatThrownBy(() -> await(a.session.renew(List.of(held)))).isInstanceOf(LockUnavailableException.class);
        assertThat(a.sessionLosses).hasSize(1).first().asString().contains("removed");
        assertThat(await(b.attempt("x").answered())).isEqualTo(GRANTED);
    }

    @Test
    @DisplayName("FT-1: a token file that is gone is an error, not a new beginning")
    void lostTokenFileIsAnError() throws IOException {
        Grant last = a.take("x");
        a.release(last);
        Path token = FileFixture.token(directory);
        Files.delete(token);
        Contender refused = a.queue("x");
        assertThatThrownBy(() -> await(refused.answered()))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("lock 'x'")
                .hasMessageContaining("token file")
                .hasMessageContaining("touch " + FileFixture.root(directory).toRealPath());
        await(refused.withdraw());
        try (FileBackend again = FileFixture.backend(directory)) {
            assertThatThrownBy(() -> Client.open(again, "again", time).take("y"))
                    .as("opening the directory makes none either")
                    .isInstanceOf(LockUnavailableException.class);
        }
        Files.createFile(token);
        assertThat(a.take("x").storeToken()).isGreaterThan(last.storeToken());
    }

    @Test
    @DisplayName("FT-1: of several token files, one of them from a copy perhaps, the highest counts")
    void highestTokenFileCounts() throws IOException {
        Path root = FileFixture.root(directory);
        Files.createFile(root.resolve("token-0000000000000007"));
        Files.createFile(root.resolve("token-0000000000000003"));
        assertThat(a.take("x").storeToken()).isEqualTo(8);
        assertThat(FileFixture.token(directory)).hasFileName("token-0000000000000008");
    }

    @Test
    @DisplayName("WA-6: while the directory fails, a waiter waits, and its renewals say so")
    void waiterRidesThroughTrouble() throws IOException {
        Grant grant = a.take("x");
        Contender waiter = b.queue("x");
        assertThat(await(waiter.answered())).isEqualTo(WAITING);
        Path token = FileFixture.token(directory);
        Files.delete(token);
        a.release(grant);
        await().atMost(20, SECONDS)
                .untilAsserted(() -> assertThatThrownBy(() -> await(b.session.renew(List.of(waiter))))
                        .isInstanceOf(LockUnavailableException.class)
                        .hasMessageContaining("token file"));
        assertThat(isDone(waiter.granted())).isFalse();
        Files.createFile(token);
        assertThat(await(waiter.granted()).storeToken()).isGreaterThan(grant.storeToken());
    }

    @Test
    @DisplayName("LO-5: nobody comes to hold in a session whose files were removed while it was idle")
    void removedIdleSessionHoldsNothing() throws IOException {
        Files.delete(sessionFile(a, "lock"));
        Contender contender = a.queue("x");
        assertThatThrownBy(() -> await(contender.answered())).isInstanceOf(LockUnavailableException.class);
        assertThat(a.sessionLosses).hasSize(1);
        assertThat(await(b.attempt("x").answered())).isEqualTo(GRANTED);
    }

    private Path sessionFile(Client client, String file) {
        return FileFixture.root(directory)
                .resolve("sessions")
                .resolve(client.session.id())
                .resolve(file);
    }

    @Test
    @DisplayName("ME-6: when a backend is closed under its client, the client learns that before its locks are free")
    void lossIsToldBeforeTheFilesGo() {
        List<Boolean> free = new CopyOnWriteArrayList<>();
        SessionEvents events = new SessionEvents() {
            @Override
            public void sessionLost(String why) {
                free.add(Files.notExists(FileFixture.root(directory).resolve("names/x")));
            }

            @Override
            public void grantLost(Grant grant, String why) {}
        };
        FileBackend other = FileFixture.backend(directory);
        LockSession session = await(other.openSession(new SessionOptions(LEASE, "d", time), events));
        assertThat(await(session.contend(LockRequest.exclusive("x", 1, true, null))
                        .answered()))
                .isEqualTo(GRANTED);
        other.close();
        assertThat(free).containsExactly(false);
        assertThat(await(b.attempt("x").answered())).isEqualTo(GRANTED);
    }

    @Test
    @DisplayName("LK-3: what a living client needs is touched at times, so that what removes old files leaves it")
    void livingFilesStayYoung() throws IOException, InterruptedException {
        a.take("long-" + "x".repeat(300));
        b.queue("y");
        c.queue("y");
        await(backend.inspect("y")); // after both were placed
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(29)));
        Process aging = new ProcessBuilder(
                        "find", directory.toString(), "-exec", "touch", "-d", "30 days ago", "{}", "+")
                .inheritIO()
                .start(); // a process of its own: here it would free what it opens and closes
        assertThat(aging.waitFor()).isZero();
        uptime.addAndGet(LockDirectory.KEEP_MILLIS);
        for (Client client : List.of(a, b, c)) {
            client.renew();
        }
        for (String path : FileFixture.tree(directory)) {
            BasicFileAttributes times = Files.readAttributes(directory.resolve(path), BasicFileAttributes.class);
            assertThat(times.lastModifiedTime()).as(path).isGreaterThan(old);
            assertThat(times.lastAccessTime()).as(path).isGreaterThan(old);
        }
        try (PuppetProcess there = new PuppetProcess()) {
            there.ask("connect " + directory);
            assertThat(there.ask("is-locked " + a.session.id()))
                    .as("touching has not freed it")
                    .isEqualTo("true");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("WA-7: a waiter is looked after while its process has work in the directory without end")
    void waiterBesideEndlessWork(boolean holderIsNear) {
        FileBackend other = (FileBackend) connect();
        Client holder = holderIsNear ? a : Client.open(other, "elsewhere", time);
        Grant grant = holder.take("x");
        Contender waiter = b.queue("x");
        assertThat(await(waiter.answered())).isEqualTo(WAITING);
        AtomicBoolean done = new AtomicBoolean();
        keepBusy(((FileBackend) backend).files(), done);
        try {
            assertThat(holder.release(grant)).isTrue();
            await().atMost(10, SECONDS).until(() -> isDone(waiter.granted()));
            assertThat(await(waiter.granted()).storeToken()).isGreaterThan(grant.storeToken());
        } finally {
            done.set(true);
            other.close();
        }
    }

    /** As many threads would that lock other names in a loop: when a step ends, the next one is there already. */
    private static void keepBusy(FileStore store, AtomicBoolean done) {
        store.ask("a step of others", () -> {
            if (!done.get()) {
                keepBusy(store, done);
            }
            return store.directory().inspect("other");
        });
    }

    @Test
    @DisplayName("CL-3: no thread before the first session, none after the last")
    void threadEndsWithTheLastSession() {
        await(a.session.close());
        await(b.session.close());
        assertThat(await(c.queue("x").answered())).isEqualTo(GRANTED);
        await(c.session.close());
        assertThat(await(backend.inspect("x")).isHeld()).isFalse();
    }

    @Test
    @DisplayName("CF-1: two backends with equal settings share a store, others do not")
    void backendsShareAStore() {
        try (FileBackend one = FileFixture.backend(directory);
                FileBackend two = FileFixture.backend(directory)) {
            assertThat(one.files()).isSameAs(two.files());
        }
        try (FileBackend three = FileFixture.backend(directory)) {
            assertThat(three.files().address()).isEqualTo("file:" + directory);
        }
    }
}
