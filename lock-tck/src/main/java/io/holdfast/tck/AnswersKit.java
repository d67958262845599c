// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.SpiClient;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What the store confirmed is done when it is confirmed, and not soon after: whoever asks next finds it so. */
abstract class AnswersKit extends SpiCase {
    /** Something that ends slowly may be quick now and then. */
    private static final int ROUNDS = 3;

    @Test
    @Proves("RE-4")
    void whatWasReleasedIsFreeForATry() throws Exception {
        SpiClient client = spi();
        SpiClient other = spi();
        for (int i = 0; i < ROUNDS; i++) {
            Grant grant = granted("RE-4", client.contend(name(), false, null));
            check("UO-3", done("UO-3", "release", client.session().release(grant)), () -> grant + " was gone");
            isFree("RE-4", other, grant, "the store confirmed a release");
        }
    }

    @Test
    @Proves("IN-3")
    void whatWasForcedIsFreeForATry() throws Exception {
        SpiClient client = spi();
        SpiClient other = spi();
        for (int i = 0; i < ROUNDS; i++) {
            Grant grant = granted("IN-3", client.contend(name(), false, null));
            ForceOutcome outcome =
                    done("IN-3", "forceRelease", other.backend().forceRelease(grant.name(), OptionalLong.empty()));
            check("IN-3", outcome == ForceOutcome.RELEASED, () -> "a forced release of " + grant + " says " + outcome);
            isFree("IN-3", other, grant, "a forced release said that it has released");
        }
    }

    @Test
    @Proves("CL-1")
    void whatAClosedSessionHeldIsFreeForATry() throws Exception {
        SpiClient other = spi();
        for (int i = 0; i < ROUNDS; i++) {
            SpiClient client = spi();
            Grant grant = granted("CL-1", client.contend(name(), false, null));
            done("CL-1", "close() of a session", client.session().close());
            isFree("CL-1", other, grant, "the end of its holder's session was confirmed");
        }
    }

    private void isFree(String rule, SpiClient other, Grant grant, String why) throws Exception {
        StoredLock stored = done(rule, "inspect", other.backend().inspect(grant.name()));
        check(rule, !stored.isHeld(), () -> why + ", and the store shows " + stored);
        Contender next = other.contend(grant.name(), false, null);
        Answer answer = done(rule, "a try", next.answered());
        check(rule, answer == Answer.GRANTED, () -> why + ", and the next client's try was answered " + answer);
        Grant given = granted(rule, next);
        check("FT-1", given.storeToken() > grant.storeToken(), () -> given + " came after " + grant);
    }
}
