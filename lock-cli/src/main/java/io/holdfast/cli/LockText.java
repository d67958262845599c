// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockInfo;
import io.holdfast.LockNames;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;

/** What the store shows of a lock, in words. */
final class LockText {
    private LockText() {}

    /** Who holds it and since when; "free" when nobody does. */
    static String holder(LockInfo info) {
        if (!info.isHeld()) {
            return "free";
        }
        StringBuilder text = new StringBuilder("held by ")
                .append(info.holder().map(LockNames::printable).orElse("somebody"));
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

    /** The token of whoever holds, as the end of a sentence. */
    static String token(LockInfo info) {
        return info.fencingToken().isPresent()
                ? ", token " + info.fencingToken().getAsLong()
                : "";
    }

    /** A lock in a store that has none yet. */
    static LockInfo free(String name) {
        return new Free(name);
    }

    private record Free(String name) implements LockInfo {
        @Override
        public OptionalLong fencingToken() {
            return OptionalLong.empty();
        }

        @Override
        public Optional<String> holder() {
            return Optional.empty();
        }

        @Override
        public Optional<Instant> since() {
            return Optional.empty();
        }

        @Override
        public int contenders() {
            return 0;
        }
    }

    /** One lock as a line. */
    static String line(LockInfo info) {
        int waiting = info.contenders() - (info.isHeld() ? 1 : 0);
        return LockNames.printable(info.name()) + ": " + holder(info) + token(info)
                + (waiting > 0 ? ", " + waiting + " waiting" : "");
    }
}
