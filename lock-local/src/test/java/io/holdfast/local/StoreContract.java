// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static io.holdfast.local.Client.await;
import static io.holdfast.local.Client.isDone;
import static io.holdfast.spi.Contender.Answer.BUSY;
import static io.holdfast.spi.Contender.Answer.GRANTED;
import static io.holdfast.spi.Contender.Answer.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClosedException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What both stores of this module do alike, asked of the interface that a backend implements. */
abstract class StoreContract {
    final ManualRuntime time = new ManualRuntime();
    LockBackend backend;
    Client a;
    Client b;
    Client c;

    /** Another backend on the same store. */
    abstract LockBackend connect();

    @BeforeEach
    void openSessions() {
        backend = connect();
        a = Client.open(backend, "a", time);
        b = Client.open(backend, "b", time);
        c = Client.open(backend, "c", time);
    }

    @Test
    @DisplayName("ME-1, OR-1: one holds, the others follow in the order of their places")
    void handsOverInOrder() {
        Grant first = a.take("x");
        Contender second = b.queue("x");
        Contender third = c.queue("x");
        assertThat(await(second.answered())).isEqualTo(WAITING);
        assertThat(isDone(second.granted())).isFalse();

        assertThat(a.release(first)).isTrue();
        Grant grant = await(second.granted());
        assertThat(grant.storeToken()).isGreaterThan(first.storeToken());
        assertThat(isDone(third.granted())).isFalse();

        assertThat(b.release(grant)).isTrue();
        assertThat(await(third.granted()).storeToken()).isGreaterThan(grant.storeToken());
    }

    @Test
    @DisplayName("WA-4: a try without wait never queues, and never passes those who do")
    void tryLeavesNothing() {
        Grant grant = a.take("x");
        Contender attempt = b.attempt("x");
        assertThat(await(attempt.answered())).isEqualTo(BUSY);
        assertThat(await(attempt.granted())).isNull();
        assertThat(await(backend.inspect("x")).contenders()).isEqualTo(1);

        a.release(grant);
        assertThat(await(b.attempt("x").answered())).isEqualTo(GRANTED);
    }

    @Test
    @DisplayName("WA-5: who withdrew gets nothing, and the next in line does")
    void withdrawnContenderIsPassedOver() {
        Grant grant = a.take("x");
        Contender leaver = b.queue("x");
        Contender stayer = c.queue("x");
        await(leaver.withdraw());
        await(leaver.withdraw());
        a.release(grant);
        assertThat(await(leaver.granted())).isNull();
        assertThat(await(stayer.granted())).isNotNull();
    }

    @Test
    @DisplayName("WA-5: withdrawing after the grant frees the lock")
    void withdrawUndoesAGrant() {
        Contender holder = a.queue("x");
        Contender next = b.queue("x");
        await(holder.withdraw());
        assertThat(await(next.granted())).isNotNull();
    }

    @Test
    @DisplayName("UO-4: a repeated contend takes no second place and no second grant")
    void contendIsIdempotent() {
        LockRequest request = LockRequest.exclusive("x", 77, true, null);
        Grant grant = await(a.contend(request).granted());
        assertThat(await(a.contend(request).granted())).isEqualTo(grant);
        assertThat(await(backend.inspect("x")).contenders()).isEqualTo(1);
    }

    @Test
    @DisplayName("UO-2: a late copy of a finished contend creates nothing")
    void lateCopiesCreateNothing() {
        LockRequest withdrawn = LockRequest.exclusive("x", 70, true, null);
        await(a.contend(withdrawn).withdraw());
        LockRequest released = LockRequest.exclusive("x", 71, true, null);
        a.release(await(a.contend(released).granted()));
        b.take("y");
        LockRequest refused = LockRequest.exclusive("y", 72, false, null);
        assertThat(await(a.contend(refused).answered())).isEqualTo(BUSY);

        for (LockRequest late : List.of(withdrawn, released, refused)) {
            Contender copy = a.contend(late);
            assertThatThrownBy(() -> await(copy.answered())).isInstanceOf(LockUnavailableException.class);
            assertThat(await(copy.granted())).isNull();
            await(copy.withdraw());
        }
        assertThat(await(backend.list())).extracting(StoredLock::name).containsExactly("y");
    }

    @Test
    @DisplayName("UO-3: a late, repeated or foreign release touches no other grant")
    void releaseHitsOnlyItsGrant() {
        Grant first = a.take("x");
        a.release(first);
        Grant second = a.take("x");
        assertThat(a.release(first)).isFalse();
        assertThat(b.release(second)).isFalse();
        assertThat(a.release(new Grant("x", second.contenderId(), first.storeToken(), 0, null)))
                .isFalse();
        assertThat(a.release(new Grant("y", second.contenderId(), second.storeToken(), 0, null)))
                .isFalse();
        assertThat(await(backend.inspect("x")).storeToken()).isEqualTo(second.storeToken());
        assertThat(a.release(second)).isTrue();
    }

    @Test
    @DisplayName("OR-1: giving up and contending anew in one step goes to the end of the line")
    void exchangeGoesToTheEnd() {
        Grant grant = a.take("x");
        Contender next = b.queue("x");
        Contender again = a.exchange(grant);
        assertThat(await(again.released())).isTrue();
        assertThat(await(again.answered())).isEqualTo(WAITING);
        b.release(await(next.granted()));
        assertThat(await(again.granted()).storeToken()).isGreaterThan(grant.storeToken());

        Contender stale = a.exchange(grant);
        assertThat(await(stale.released())).isFalse();
    }

    @Test
    void renewalTellsWhatBecameOfEachContender() {
        Contender holding = a.queue("x");
        b.take("y");
        Contender waiting = a.queue("y");
        Contender gone = a.queue("z");
        await(gone.withdraw());
        Renewal renewal = await(a.session.renew(List.of(holding, waiting, gone)));
        assertThat(renewal.statuses())
                .containsEntry(holding.request().contenderId(), new ContenderStatus.Holding(await(holding.granted())))
                .containsEntry(waiting.request().contenderId(), ContenderStatus.WAITING)
                .containsEntry(gone.request().contenderId(), ContenderStatus.GONE);
    }

    @Test
    void inspectionShowsHolderTokenAndLine() {
        time.advance(Duration.ofSeconds(3));
        Grant grant = a.take("x");
        b.queue("x");
        StoredLock shown = await(backend.inspect("x"));
        assertThat(shown.sinceMillis()).isPositive();
        assertThat(shown).isEqualTo(new StoredLock("x", grant.storeToken(), "a", shown.sinceMillis(), 2));
        assertThat(await(backend.inspect("nobody's"))).isEqualTo(StoredLock.free("nobody's", 0));
    }

    @Test
    @DisplayName("CL-1: a closed session leaves at once, untold; its waiters get nothing")
    void closingFreesAll() {
        a.take("x");
        Contender next = b.queue("x");
        Contender own = a.queue("x");
        await(a.session.close());
        await(a.session.close());
        assertThat(await(next.granted())).isNotNull();
        assertThat(await(own.granted())).isNull();
        assertThat(a.sessionLosses).isEmpty();
    }

    @Test
    @DisplayName("LO-5: a forced release ends the hold; its client learns within a renewal round")
    void forcedReleaseEndsTheHold() {
        Contender holder = a.queue("x");
        Grant grant = await(holder.granted());
        Contender next = b.queue("x");
        assertThat(await(next.answered())).isEqualTo(WAITING);
        assertThat(await(backend.forceRelease("x", OptionalLong.of(grant.storeToken() + 1))))
                .isEqualTo(ForceOutcome.MOVED_ON);
        assertThat(await(backend.forceRelease("x", OptionalLong.of(grant.storeToken()))))
                .isEqualTo(ForceOutcome.RELEASED);
        assertThat(await(next.granted()).storeToken()).isGreaterThan(grant.storeToken());
        assertThat(await(a.session.renew(List.of(holder))).statuses())
                .containsEntry(grant.contenderId(), ContenderStatus.GONE);
        assertThat(await(backend.forceRelease("x", OptionalLong.empty()))).isEqualTo(ForceOutcome.RELEASED);
        assertThat(await(backend.forceRelease("x", OptionalLong.empty()))).isEqualTo(ForceOutcome.NOT_HELD);
        assertThat(a.release(grant)).isFalse();
    }

    @Test
    @DisplayName("CL-4: closing one backend ends its own sessions only, and those are told")
    void backendsOfOneStoreAreSeparate() {
        LockBackend other = connect();
        Client stranger = Client.open(other, "stranger", time);
        stranger.take("x");
        Contender next = a.queue("x");
        other.close();
        other.close();
        assertThat(stranger.sessionLosses).hasSize(1);
        assertThat(await(next.granted())).isNotNull();
        assertThatThrownBy(() -> await(other.list())).isInstanceOf(LockClosedException.class);
        assertThat(a.sessionLosses).isEmpty();
    }

    @Test
    @DisplayName("UO-4, OR-1: a client's next contend may overtake the release of its last grant")
    void releaseAndNextContendInFlightTogether() {
        Grant grant = a.take("x");
        Contender again = a.queue("x");
        assertThat(await(again.answered())).isEqualTo(WAITING);
        assertThat(a.release(grant)).isTrue();
        assertThat(await(again.granted()).storeToken()).isGreaterThan(grant.storeToken());
    }
}
