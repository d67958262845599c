// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockInfo;
import io.holdfast.internal.Names;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What the store shows of a lock, in words. */
final class LockText {
    private LockText() {}

    /** Who holds it and since when; "free" when nobody does. */
    static String holder(LockInfo info) {
        if (!info.isHeld()) {
            return "free";
        }
        StringBuilder text = new StringBuilder("held by ")
                .append(info.holder().map(Names::printable).orElse("somebody"));
        info.since().ifPresent(since -> text.append(" since ")
                .append(since.truncatedTo(ChronoUnit.SECONDS))
                .append(" (")
                .append(age(Duration.between(since, Instant.now())))
                .append(')'));
        return text.toString();
    }

    /** Two units at most, for people. The holder's clock may be ahead of ours. */
    static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        } else if (seconds < 3600) {
            return seconds / 60 + "m " + seconds % 60 + "s";
        } else if (seconds < 86_400) {
            return seconds / 3600 + "h " + seconds / 60 % 60 + "m";
        }
        return seconds / 86_400 + "d " + seconds / 3600 % 24 + "h";
    }

    /** One lock as fields. */
    static Json json(LockInfo info) {
        return new Json()
                .with("lock", info.name())
                .with("held", info.isHeld())
                .withToken(info.fencingToken())
                .with("holder", info.holder())
                .with("since", info.since())
                .with("contenders", info.contenders());
    }

    /** One lock as a line. */
    static String line(LockInfo info) {
        String token = info.fencingToken().isPresent()
                ? ", token " + info.fencingToken().getAsLong()
                : "";
        int waiting = info.contenders() - (info.isHeld() ? 1 : 0);
        return Names.printable(info.name()) + ": " + holder(info) + token
                + (waiting > 0 ? ", " + waiting + " waiting" : "");
    }
}
