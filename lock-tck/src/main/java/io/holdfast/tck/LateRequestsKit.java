// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.SpiClient;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** UO-2 and UO-7: what was given up before it left, or before it came to the store, takes nothing there. */
abstract class LateRequestsKit extends SpiCase {
    @Test
    @Alone
    @Proves({"UO-2", "ME-2"})
    void aContendThatIsDeliveredAfterItsWithdrawalCreatesNothing() throws Exception {
        String name = name();
        SpiClient first = spi();
        done("UO-2", "release", first.session().release(granted("UO-2", first.contend(name(), true, null))));
        faults().holdRequests();
        Contender held = first.contend(name, true, null);
        CompletionStage<?> undo = held.withdraw();
        Await.pass(time().moment());
        faults().heal();
        done("UO-2", "the withdrawal of a contend that came late", undo);
        Grant grant = done("SP-3", "granted() of a withdrawn contend", held.granted());
        check("UO-2", grant == null, () -> "a withdrawn contend was granted when it came late");
        answers("UO-2", Answer.GRANTED, spi().contend(name, false, null));
    }

    /** What hears nothing is not known to have done nothing: it may lie on the way, and arrive after its undo was taken for needless. */
    @Test
    @Alone
    @Proves("UO-2")
    void aContendThatWasGivenUpUnansweredCreatesNothingWhenItComes() throws Exception {
        String name = name();
        Duration limit = time().moment();
        LockBackend backend = scene().backend(config -> config.withOperationTimeout(limit));
        SpiClient first = scene().spi(backend, new SessionOptions(time().longLease(), name(), scene().runtime()));
        SpiClient other = spi();
        done("UO-2", "release", first.session().release(granted("UO-2", first.contend(name(), true, null))));
        faults().holdRequests();
        Contender held = first.contend(name, true, null);
        CompletionStage<Boolean> failed = held.answered().handle((answer, failure) -> failure != null);
        Await.until(limit.multipliedBy(3), failed.toCompletableFuture()::isDone);
        CompletionStage<?> undo = held.withdraw();
        Await.pass(limit);
        faults().heal();
        done("UO-2", "the withdrawal of a contend that was given up", undo.handle((gone, failure) -> true));
        within(
                "UO-2",
                patience(),
                () -> done("UO-2", "withdraw()", held.withdraw().handle((gone, failure) -> failure == null)),
                () -> "a contend was given up unanswered, and its withdrawal is never confirmed");
        Grant grant = done("SP-3", "granted() of a withdrawn contend", held.granted());
        check("UO-2", grant == null, () -> "a withdrawn contend was granted when it came late");
        // Nobody asks for it any more: what the store shows of it once, stays.
        for (int look = 0; look < 2; look++) {
            StoredLock stored = done("UO-2", "inspect", other.backend().inspect(name));
            check(
                    "UO-2",
                    !stored.isHeld() && stored.contenders() == 0,
                    () -> "a contend was given up unanswered and withdrawn; then it came, and the store shows "
                            + stored);
            Await.pass(time().moment().dividedBy(2));
        }
        answers("UO-2", Answer.GRANTED, other.contend(name, false, null));
    }

    /** A backend that sends in {@code start()} may be told before that nobody wants it any more. */
    @Test
    @Proves({"UO-2", "SP-3"})
    void whatIsWithdrawnBeforeItIsStartedTakesNothing() throws Exception {
        String name = name();
        SpiClient client = spi();
        SpiClient other = spi();
        Contender unwanted = client.session().contend(client.request(name, true, null));
        CompletionStage<?> undo = unwanted.withdraw();
        SpiClient.start(unwanted);
        done("UO-2", "the withdrawal of a contend that was not started", undo);
        done("SP-3", "answered() of a withdrawn contend", unwanted.answered().handle((answer, failure) -> true));
        // A backend that sends in contend() may have been granted it, which the withdrawal then gave back.
        done("SP-3", "granted() of a withdrawn contend", unwanted.granted());
        for (int look = 0; look < 2; look++) {
            StoredLock stored = done("UO-2", "inspect", other.backend().inspect(name));
            check(
                    "UO-2",
                    !stored.isHeld() && stored.contenders() == 0,
                    () -> "a contend was withdrawn before it was started, and the store shows " + stored);
            Await.pass(time().moment().dividedBy(4));
        }
        answers("UO-2", Answer.GRANTED, other.contend(name, false, null));
    }
}
