// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.SpiClient;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** UO-2 and UO-3 at the level of the SPI: withdrawals and late releases, without the engine. */
abstract class UndoKit extends SpiCase {
    @Test
    @Proves({"SP-3", "UO-2", "WA-5"})
    void aWithdrawnContenderIsNeverGranted() throws Exception {
        queued();
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant held = granted("UO-2", first.contend(name, true, null));
        Contender waiting = second.contend(name, true, null);
        answers("UO-2", Answer.WAITING, waiting);
        done("UO-2", "withdraw()", waiting.withdraw());
        check("UO-2", done("SP-3", "granted() after a withdrawal", waiting.granted()) == null, () -> "it was granted");
        StoredLock stored = done("UO-2", "inspect", first.backend().inspect(name));
        check("UO-2", stored.contenders() == 1, () -> "a withdrawal was confirmed, and the store shows " + stored);
        done("UO-2", "a second withdraw()", waiting.withdraw());
        check(
                "UO-3",
                done("UO-3", "release", first.session().release(held)),
                () -> "a grant in force was not released");
        answers("UO-2", Answer.GRANTED, second.contend(name, false, null));
    }

    @Test
    @Proves("UO-2")
    void aWithdrawalHitsNoLaterContenderOfTheSameClient() throws Exception {
        queued();
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant held = granted("UO-2", first.contend(name, true, null));
        for (int round = 0; round < 10; round++) {
            Contender given = second.contend(name, true, null);
            answers("UO-2", Answer.WAITING, given);
            CompletionStage<?> undo = given.withdraw();
            Contender later = second.contend(name, true, null);
            answers("UO-2", Answer.WAITING, later);
            done("UO-2", "withdraw()", undo);
            done("UO-2", "a repeated withdraw()", given.withdraw());
            StoredLock stored = done("UO-2", "inspect", first.backend().inspect(name));
            check(
                    "UO-2",
                    stored.contenders() == 2,
                    () -> "the withdrawal of one contender, and the store shows " + stored
                            + " instead of the holder and the later contender");
            done("UO-2", "withdraw()", later.withdraw());
        }
        Contender last = second.contend(name, true, null);
        answers("UO-2", Answer.WAITING, last);
        done("UO-2", "release", first.session().release(held));
        granted("UO-2", last);
    }

    /** The lock may have gone on, to a later contender of the same client: that one is named by nothing that was given up. */
    @Test
    @Proves("UO-2")
    void aWithdrawalTouchesNoGrantOfTheSameClient() throws Exception {
        String name = name();
        SpiClient client = spi();
        Contender given = client.contend(name, true, null);
        granted("UO-2", given);
        done("UO-2", "withdraw()", given.withdraw());
        Grant held = granted("UO-2", client.contend(name, true, null));
        done("UO-2", "a repeated withdraw()", given.withdraw());
        stillHeld("UO-2", client, held, "a repeated withdrawal of an earlier contender of the same client");
        Contender refused = client.contend(name, false, null);
        answers("ME-1", Answer.BUSY, refused);
        done("UO-2", "withdraw() of a refused try", refused.withdraw());
        stillHeld("UO-2", client, held, "the withdrawal of a refused try of the same client");
        check("UO-3", done("UO-3", "release", client.session().release(held)), () -> held + " was gone");
    }

    @Test
    @Proves("UO-3")
    void aReleaseTouchesNoGrantButItsOwn() throws Exception {
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant old = granted("UO-3", first.contend(name, true, null));
        check("UO-3", done("UO-3", "release", first.session().release(old)), () -> "a grant in force was not released");
        check(
                "UO-3",
                !done("UO-3", "a second release", first.session().release(old)),
                () -> "a grant was released twice");
        Grant others = granted("UO-3", second.contend(name, true, null));
        check("UO-3", !done("UO-3", "a late release", first.session().release(old)), () -> "an old grant was released");
        stillHeld("UO-3", first, others, "a late release of an old grant");
        done("UO-3", "a stranger's release", first.session().release(others).handle((gone, failure) -> true));
        stillHeld("UO-3", first, others, "a release of another session's grant");
        done("UO-3", "release", second.session().release(others));
        Grant own = granted("UO-3", first.contend(name, true, null));
        check("UO-3", !done("UO-3", "a late release", first.session().release(old)), () -> "an old grant was released");
        stillHeld("UO-3", second, own, "a late release of the same client's old grant");
    }

    @Test
    @Proves({"UO-3", "OR-3"})
    void aContendGivesUpAGrantInTheSameStep() throws Exception {
        queued();
        String name = name();
        SpiClient first = spi();
        SpiClient second = spi();
        Grant held = granted("OR-3", first.contend(name, true, null));
        Contender waiting = second.contend(name, true, null);
        answers("OR-3", Answer.WAITING, waiting);
        Contender again = first.contend(name, true, held);
        answers("OR-3", Answer.WAITING, again);
        check("OR-3", done("OR-3", "released()", again.released()), () -> "the grant given up was not there");
        Grant next = granted("OR-3", waiting);
        check("FT-1", next.storeToken() > held.storeToken(), () -> "the next grant's token is not larger");
        Contender late = first.contend(name(), true, null);
        granted("UO-3", late);
        check("UO-3", !done("UO-3", "release", first.session().release(held)), () -> "a grant was given up twice");
        stillHeld("UO-3", first, next, "a release of a grant given up before");
        done("OR-3", "release", second.session().release(next));
        granted("OR-3", again);
    }
}
