// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.DistributedLock;
import io.holdfast.FencingRegressionException;
import io.holdfast.LockHandle;
import io.holdfast.LockOptions;
import io.holdfast.LockOwner;
import io.holdfast.LockTimeoutException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A hold from its grant to its release: what it costs, its tokens, and what is left of it. */
@SuppressWarnings("LockNotBeforeTry") // levels and releases are what is tested
class EngineHoldTest extends EngineTestBase {
    private static final LockOptions TRY = LockOptions.defaults().waitLimit(Duration.ZERO);
    private static final long LARGEST_STORE_TOKEN = Grant.TOKEN_LIMIT - 1;

    /** More than the names of which a client keeps the highest token. */
    private static final int MANY = 5000;

    private List<Integer> requests() {
        ScriptedStore.Session s = session();
        return List.of(
                store.sessions.size(),
                s.places.size(),
                s.releases.size(),
                s.rounds.size(),
                s.closes.size(),
                store.looks);
    }

    @Test
    void re3_in1_re_entering_inner_releases_and_local_queries_ask_nobody() throws Exception {
        DistributedLock lock = client().lock("a").ownedBy(LockOwner.named("owner"));
        store.answersAtOnce = true;
        LockHandle handle = got(ask("b"));
        lock.lock();
        List<Integer> before = requests();
        Duration second = Duration.ofSeconds(1);
        lock.lock();
        lock.lock(LockOptions.defaults());
        lock.lockInterruptibly();
        assertThat(List.of(
                        lock.tryLock(),
                        lock.tryLock(second),
                        lock.tryLock(second, second),
                        lock.tryLock(1, TimeUnit.SECONDS),
                        lock.tryLock(LockOptions.defaults())))
                .containsOnly(true);
        assertThat(lock.getHoldCount()).isEqualTo(9);
        assertThat(List.of(lock.isHeldByCurrentThread(), handle.isValid())).containsOnly(true);
        assertThat(List.of(lock.fencingToken(), handle.fencingToken())).doesNotContain(0L);
        assertThat(List.of(lock.remainingLease(), handle.remainingLease())).containsOnly(VALID);
        for (int level = 9; level > 1; level--) {
            lock.unlock();
        }
        time.advance(Duration.ofSeconds(1)); // sooner than a round that is due
        assertThat(requests()).isEqualTo(before);
        lock.unlock();
        assertThat(requests()).isNotEqualTo(before);
    }

    private List<Boolean> validAtItsRelease(LockHandle h) {
        List<Boolean> valid = new ArrayList<>();
        store.beforeRelease = () -> valid.add(h.isValid());
        return valid;
    }

    @Test
    void me6_a_hold_is_over_when_the_backend_receives_its_release() {
        LockHandle h = hold("a");
        List<Boolean> valid = validAtItsRelease(h);
        release(h);
        assertThat(valid).containsExactly(false);
    }

    @Test
    void me6_a_hold_is_over_when_it_is_given_up_along_with_the_next_contend() {
        open(0);
        LockHandle h = hold("a");
        ask("a");
        List<Boolean> valid = validAtItsRelease(h);
        release(h);
        assertThat(session().releases).isEmpty();
        assertThat(valid).containsExactly(false);
    }

    @Test
    void me6_a_hold_is_over_when_the_next_owner_is_told_of_the_hand_off() {
        LockHandle first = hold("a");
        CompletableFuture<Boolean> wasValid =
                client().acquireAsync("a").thenApply(next -> first.isValid()).toCompletableFuture();
        release(first);
        assertThat(wasValid).isCompletedWithValue(false);
        assertThat(session().places).hasSize(1);
    }

    /** With a lease of its own a hold outlives its session's lease, and must not outlive what is left of it in the store. */
    @ParameterizedTest
    @EnumSource
    void me6_a_hold_is_over_when_the_backend_is_told_to_end_its_lost_session(LeaseScope scope) {
        useStore(ScriptedStore.queueing(scope));
        LockHandle h = hold("a");
        List<Boolean> valid = validAtItsRelease(h);
        session().events.sessionLost("ended by the test");
        time.settle();
        assertThat(valid).containsExactly(false);
        assertThat(heard).containsExactly("lost a");
    }

    @Test
    void or2_waiters_hold_in_the_order_of_their_coming() {
        LockHandle h = hold("a");
        List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiting.add(ask("a"));
        }
        for (int i = 0; i < 5; i++) {
            release(h);
            assertThat(waiting.subList(i + 1, 5)).noneMatch(CompletableFuture::isDone);
            h = got(waiting.get(i));
        }
    }

    @Test
    void or2_a_newcomer_takes_no_grant_that_is_on_its_way_to_the_first_waiter() {
        CompletableFuture<LockHandle> first = ask("a");
        session().place().queue();
        session().place().grant(); // the first waiter's; that it is told so is still queued
        CompletableFuture<LockHandle> trying = client().acquireAsync("a", TRY).toCompletableFuture();
        CompletableFuture<LockHandle> second = ask("a");
        assertThat(got(first).isValid()).isTrue();
        assertThatThrownBy(() -> trying.getNow(null)).hasCauseInstanceOf(LockTimeoutException.class);
        assertThat(second).isNotDone();
    }

    private LockHandle holdWith(String name, long storeToken) {
        CompletableFuture<LockHandle> f = ask(name);
        session().place().grant(storeToken);
        return got(f);
    }

    @Test
    void ft3_the_smallest_and_the_largest_store_token_make_positive_tokens() {
        assertThat(holdWith("smallest", 1).fencingToken()).isEqualTo(256);
        assertThat(holdWith("largest", LARGEST_STORE_TOKEN).fencingToken()).isEqualTo((1L << 61) - 256);
    }

    @Test
    void ft3_the_last_hand_off_of_the_largest_store_token_over_the_largest_base_is_the_largest_token() {
        open(255, Long.MAX_VALUE - (1L << 61) + 1);
        LockHandle h = holdWith("a", LARGEST_STORE_TOKEN);
        for (int i = 0; i < 255; i++) {
            CompletableFuture<LockHandle> f = ask("a");
            long before = h.fencingToken();
            release(h);
            h = got(f);
            assertThat(h.fencingToken()).isEqualTo(before + 1);
        }
        assertThat(h.fencingToken()).isEqualTo(Long.MAX_VALUE);
    }

    private void goBack(LockHandle h) {
        release(h);
        session().released().answer().complete(true);
        time.settle();
    }

    /** Uses a name once, in one of the ways in which its state comes to an end. */
    private void use(int i) {
        String name = "name-" + i;
        switch (i % 5) {
            case 0 -> goBack(hold(name));
            case 1 -> {
                hold(name);
                session().events.grantLost(session().place().grant.join(), "deleted by the test");
            }
            case 2 -> {
                ask(name, TRY);
                session().place().refuse();
            }
            case 3 -> {
                ask(name, TRY);
                session().place().fail(new LockUnavailableException("down"));
                time.settle();
                session().place().withdrawals.get(0).complete(null);
            }
            default -> {
                CompletableFuture<LockHandle> f = ask(name);
                session().place().queue();
                f.cancel(false);
                time.settle();
                session().place().withdrawals.get(0).complete(null);
            }
        }
        time.settle();
    }

    @ParameterizedTest
    @EnumSource
    void lk2_many_names_used_once_leave_nothing(LeaseScope scope) {
        useStore(ScriptedStore.queueing(scope));
        client();
        int timers = time.timers();
        for (int i = 0; i < MANY; i++) {
            use(i);
            assertThat(client().metrics().names()).as("names after use %s", i).isZero();
        }
        assertThat(client().metrics().held()).isZero();
        assertThat(client().metrics().waiting()).isZero();
        time.advance(Duration.ofSeconds(11)); // what goes on without a name sees that there is nothing to do
        assertThat(time.timers()).as("timers").isEqualTo(timers);
    }

    @Test
    void ft4_the_highest_tokens_are_kept_of_a_bounded_number_of_names() {
        goBack(holdWith("first", 1000));
        for (int i = 0; i < MANY; i++) {
            goBack(holdWith("name-" + i, 1000));
        }
        CompletableFuture<LockHandle> remembered = ask("name-" + (MANY - 1));
        session().place().grant(999);
        time.settle();
        assertThatThrownBy(() -> remembered.getNow(null)).hasCauseInstanceOf(FencingRegressionException.class);
        assertThat(holdWith("first", 999).isValid()).as("forgotten").isTrue();
    }
}
