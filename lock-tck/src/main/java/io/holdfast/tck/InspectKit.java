// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockInfo;
import io.holdfast.StoreFinding;
import io.holdfast.spi.BackendConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** IN: looking at locks, and forcing them. */
abstract class InspectKit extends Kit {
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

    @Test
    @Proves("IN-2")
    void theStoreShowsWhoHoldsWithWhichTokenAndSinceWhen() throws Exception {
        String name = name();
        LockClient holder = client(config -> config.withLabel("the kit's holder"));
        LockClient other = client();
        check("IN-2", !other.lock(name).isLocked(), () -> "a name that nobody holds is shown as locked");
        LockInfo free = other.lock(name).inspect();
        check("IN-2", !free.isHeld() && free.contenders() == 0, () -> "a free name is shown as " + free);
        LockHandle hold = hold("IN-2", holder, name);
        LockInfo info = other.lock(name).inspect();
        check("IN-2", other.lock(name).isLocked(), () -> "a held name is not shown as locked");
        check(
                "IN-2",
                info.holder().equals(java.util.Optional.of("the kit's holder")),
                () -> "the holder is shown as " + info);
        check(
                "IN-2",
                info.fencingToken().orElse(0) == hold.fencingToken(),
                () -> "token " + hold.fencingToken() + " is shown as " + info);
        check("IN-2", info.contenders() == 1, () -> "one holder is shown as " + info);
        check(
                "IN-2",
                info.since().isEmpty()
                        || Duration.between(info.since().get(), Instant.now())
                                        .abs()
                                        .compareTo(CLOCKS_DIFFER)
                                < 0,
                () -> "a new hold is shown as held since " + info.since());
        List<LockInfo> listed =
                other.list().stream().filter(shown -> shown.name().equals(name)).toList();
        check("IN-2", listed.size() == 1 && listed.get(0).isHeld(), () -> "list() shows the held name as " + listed);
        hold.release();
        check("IN-2", !other.lock(name).isLocked(), () -> "a released name is shown as locked");
        check(
                "IN-2",
                other.list().stream().noneMatch(shown -> shown.name().equals(name)),
                () -> "list() shows a name that " + "nobody holds or waits for: " + other.list());
    }

    @Test
    @Proves("IN-3")
    void aForcedReleaseWithATokenTakesThatGrantOnly() throws Exception {
        String name = name();
        LockClient holder = client();
        LockClient other = client();
        expect(ForceOutcome.NOT_HELD, other.forceUnlock(name, 1L << 10), "nobody holds");
        check("IN-3", !other.lock(name).forceUnlock(), () -> "forceUnlock says that somebody held a free lock");
        LockHandle old = hold("IN-3", holder, name);
        old.release();
        LockHandle now = hold("IN-3", holder, name);
        expect(ForceOutcome.MOVED_ON, other.forceUnlock(name, old.fencingToken()), "an older token was named");
        check("IN-3", now.isValid() && other.tryAcquire(name).isEmpty(), () -> "an older token freed a newer grant");
        expect(ForceOutcome.RELEASED, other.forceUnlock(name, now.fencingToken()), "the token in force was named");
        free("IN-3", other, name);
    }

    @Test
    @Alone
    @Proves("IN-4")
    void aDiagnosisSaysWhatWasSeenAndChangesNothing() throws Exception {
        LockClient client = client();
        LockHandle hold = hold("IN-4", client, name());
        List<LockInfo> before = client.list();
        List<StoreFinding> findings = client.diagnose();
        check("IN-4", !findings.isEmpty(), () -> "a diagnosis without a finding says nothing");
        check("IN-4", client.list().equals(before) && hold.isValid(), () -> "a diagnosis changed what is held");
        BackendConfig.of(scene().run().fixture().config())
                .password()
                .ifPresent(password -> check(
                        "IN-4",
                        !findings.toString().contains(password.reveal()),
                        () -> "a diagnosis shows the password: " + findings));
        hold.release();
    }

    private void expect(ForceOutcome expected, ForceOutcome seen, String when) {
        check(
                "IN-3",
                seen == expected,
                () -> "forceUnlock answered " + seen + " instead of " + expected + " when " + when);
    }
}
