// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import io.holdfast.spi.TableBackend;
import io.holdfast.spi.line.LineBackend;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.LineTap;
import io.holdfast.tck.internal.SpiClient;
import io.holdfast.tck.internal.WatchedBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the kits of the SPI share: sessions without the engine, and what a backend answers them. */
abstract class SpiCase extends Kit {
    private static final int ATTEMPTS = 3;
    private static final String WITHOUT_A_GRANT = " ended without the grant that was its turn";

    /** A client that holds a name, and of which the store hears nothing but what the test does. */
    record Holder(SpiClient client, Contender contender, Grant grant) {}

    private record Silent(SpiClient client, Contender contender) {}

    /** A holder with the short lease, of a name that is free. */
    final Holder holder(String rule, String label, String name) throws Exception {
        Silent silent = silent(rule, label, name, Answer.GRANTED);
        return new Holder(silent.client(), silent.contender(), granted(rule, silent.contender()));
    }

    /** Who waits with the short lease for a name that another client holds. */
    final Contender waiter(String rule, String name) throws Exception {
        return silent(rule, name(), name, Answer.WAITING).contender();
    }

    /**
     * A session may end before its first request on a machine that is busy enough, and that says nothing of the store: then
     * another one tries.
     */
    private Silent silent(String rule, String label, String name, Answer expected) throws Exception {
        for (int attempt = 1; ; attempt++) {
            long opening = System.nanoTime();
            SpiClient client = scene().spi(lease(), label);
            Contender contender = client.contend(name, true, null);
            Answer answer = done(
                    rule,
                    "the answer to " + contender.request(),
                    contender.answered().handle((known, failure) -> known));
            if (answer == expected) {
                return new Silent(client, contender);
            }
            boolean late = System.nanoTime() - opening >= lease().toNanos();
            check(
                    rule,
                    late && attempt < ATTEMPTS,
                    () -> contender.request() + " was answered " + answer + " instead of " + expected + why(contender));
        }
    }

    final Holder holder(String rule, String name) throws Exception {
        return holder(rule, name(), name);
    }

    /** When the lease of a grant began, as its client counts it. */
    final long basis(SpiClient client, Grant grant) {
        return capabilities().scope() == LeaseScope.SESSION ? client.session().basis() : grant.basis();
    }

    /** A client of a line, on which the kit has a hand. */
    record Tapped(SpiClient client, LineTap tap) {}

    /** Skips the test where the backend is no line's. */
    final Tapped tapped() throws Exception {
        queued();
        LockBackend backend = WatchedBackend.sound(scene().backend());
        if (!(backend instanceof LineBackend line)) {
            throw new NotClaimed("the store is no LockLine: nobody stands between it and its backend");
        }
        LineTap[] made = new LineTap[1];
        LockBackend tapped = scene().keep(line.behind(sound -> made[0] = new LineTap(sound)));
        SpiClient client = scene().spi(tapped, new SessionOptions(time().longLease(), name(), scene().runtime()));
        return new Tapped(client, made[0]);
    }

    final SpiClient spi() throws Exception {
        return scene().spi(time().longLease());
    }

    /** Clients of one connection. */
    final List<SpiClient> spis(int clients) throws Exception {
        LockBackend shared = scene().backend();
        List<SpiClient> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            all.add(scene().spi(shared, new SessionOptions(time().longLease(), name(), scene().runtime())));
        }
        return all;
    }

    /** What a stage completes with, in time. */
    final <T extends @Nullable Object> T done(String rule, String what, CompletionStage<T> stage) throws Exception {
        return result(
                rule, patience(), what, begin(() -> stage.toCompletableFuture().get()));
    }

    final Grant granted(String rule, Contender contender) throws Exception {
        Grant grant = done(rule, "the grant of " + contender.request(), contender.granted());
        check(rule, grant != null, () -> contender.request() + WITHOUT_A_GRANT + why(contender));
        return grant;
    }

    /** How a contender's request failed, if it did. */
    static String why(Contender contender) {
        CompletableFuture<Answer> answered = contender.answered().toCompletableFuture();
        return answered.isCompletedExceptionally()
                ? ": " + answered.handle((answer, failure) -> failure).join()
                : "";
    }

    final void answers(String rule, Answer expected, Contender contender) throws Exception {
        Answer answer = done(rule, "the answer to " + contender.request(), contender.answered());
        check(
                rule,
                answer == expected,
                () -> contender.request() + " was answered " + answer + " instead of " + expected);
    }

    final void queued() {
        claims(capabilities().queues(), "the store keeps no line: nothing waits in it");
    }

    final void stillHeld(String rule, SpiClient by, Grant grant, String after) throws Exception {
        StoredLock stored = done(rule, "inspect", by.backend().inspect(grant.name()));
        check(
                rule,
                stored.storeToken() == grant.storeToken(),
                () -> after + " touched another grant: the store shows " + stored + " instead of token "
                        + grant.storeToken());
    }

    final void needsSilence() {
        needsLease();
        if (!scene().run().fixture().silenceExpires()) {
            throw new HookMissing(
                    Hook.SILENCE, "let a session expire whose process lives (LockBackendFixture.silenceExpires)");
        }
    }

    /** A table must recognise them by its contract; of other backends, the fixture says. */
    final boolean knowsCopies(SpiClient client) {
        return scene().run().fixture().recognisesCopies()
                || WatchedBackend.sound(client.backend()) instanceof TableBackend;
    }

    final void recognisesCopies(SpiClient client) {
        if (!knowsCopies(client)) {
            throw new HookMissing(Hook.COPIES, "deliver a contend twice (LockBackendFixture.recognisesCopies)");
        }
    }

    /** A copy of a request comes, and is answered. */
    final Contender repeated(SpiClient client, Contender contender) throws Exception {
        Contender copy = client.session().contend(contender.request());
        SpiClient.start(copy);
        done("SP-3", "answered() of a copy", copy.answered().handle((answer, failure) -> true));
        return copy;
    }

    /** A contender that is withdrawn since its answer was lost, and the undo is on its way. */
    record Undone(SpiClient client, LineTap tap, Contender contender, String name, Confirmation confirmation) {
        void confirmed() throws Exception {
            tap.sendUndos();
            confirmation.await();
        }
    }

    interface Confirmation {
        void await() throws Exception;
    }

    /** @param carriedOut whether the store has carried out the request whose answer is lost */
    final Undone unanswered(String name, boolean carriedOut) throws Exception {
        Tapped tapped = tapped();
        LineTap tap = tapped.tap();
        SpiClient client = tapped.client();
        if (carriedOut) {
            tap.loseAnEntrysAnswer();
        } else {
            tap.loseAnEntry();
        }
        Contender contender = client.contend(name, true, null);
        Throwable lost = done(
                "SP-3",
                "answered()",
                contender
                        .answered()
                        .handle((answer, failure) -> failure == null ? new AssertionError(answer) : failure));
        check(
                "UO-1",
                lost instanceof LockOutcomeUnknownException,
                () -> "an answer was lost, and that is told as " + lost);
        CompletionStage<?> undo = contender.withdraw();
        return new Undone(client, tap, contender, name, () -> done("UO-2", "the undo of " + contender.request(), undo));
    }

    final Undone unanswered(String name) throws Exception {
        return unanswered(name, true);
    }

    /** The grant, by the line where there is one, else by trying. */
    final Grant take(SpiClient client, String name) throws Exception {
        while (true) {
            Contender contender = client.contend(name, capabilities().queues(), null);
            Grant grant = contender.granted().toCompletableFuture().get();
            if (grant != null) {
                return grant;
            }
            Await.pass(time().moment().dividedBy(10));
        }
    }
}
