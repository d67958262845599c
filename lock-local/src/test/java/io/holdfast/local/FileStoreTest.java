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
import io.holdfast.spi.StoredLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    @DisplayName("FT-1: a token file that says nothing is an error, not a new beginning")
    void damagedTokenFileIsAnError() throws IOException {
        a.release(a.take("x"));
        Path token = FileFixture.root(directory).resolve("token");
        String last = Files.readString(token);
        Files.writeString(token, "");
        Contender refused = a.queue("x");
        assertThatThrownBy(() -> await(refused.answered()))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("lock 'x'")
                .hasMessageContaining("token")
                .hasMessageContaining("write a number");
        await(refused.withdraw());
        Files.writeString(token, last);
        a.take("x");
    }

    @Test
    @DisplayName("WA-6: while the directory fails, a waiter waits, and its renewals say so")
    void waiterRidesThroughTrouble() throws IOException {
        Grant grant = a.take("x");
        Contender waiter = b.queue("x");
        assertThat(await(waiter.answered())).isEqualTo(WAITING);
        Path token = FileFixture.root(directory).resolve("token");
        String last = Files.readString(token);
        Files.writeString(token, "damaged");
        a.release(grant);
        await().atMost(20, SECONDS)
                .untilAsserted(() -> assertThatThrownBy(() -> await(b.session.renew(List.of(waiter))))
                        .isInstanceOf(LockUnavailableException.class)
                        .hasMessageContaining("damaged"));
        assertThat(isDone(waiter.granted())).isFalse();
        Files.writeString(token, last);
        assertThat(await(waiter.granted()).storeToken()).isGreaterThan(grant.storeToken());
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
