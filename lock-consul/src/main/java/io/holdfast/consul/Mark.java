// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.spi.NameCode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a contender's key says, and goes on saying when its session has ended: {@code SINCE LEASE BORN NODE LABEL}.
 *
 * @param since when it contended, by its client's wall clock in milliseconds
 * @param lease how long it may believe in a hold after its last renewal
 * @param life where its session lives
 * @param label its client's, for people
 */
record Mark(long since, Duration lease, Life life, String label) {
    private static final Pattern TEXT =
            Pattern.compile("(\\d{1,18}) (\\d{1,15}) (\\d{1,18}) (\\S+) (.*)", Pattern.DOTALL);
    private static final NameCode NODES = NameCode.escapedBy('%');

    /**
     * Where a session lives: Consul ends it with its node.
     *
     * @param born Consul's index when the session was made
     * @param node the node's name as a URL takes it
     */
    record Life(long born, String node) {
        static Life of(long born, String node) {
            return new Life(born, NODES.encode(node));
        }
    }

    /** Empty for what is not written by us. */
    static Optional<Mark> of(String value) {
        Matcher text = TEXT.matcher(value);
        if (!text.matches()) {
            return Optional.empty();
        }
        return Optional.of(new Mark(
                Long.parseLong(text.group(1)),
                Duration.ofMillis(Long.parseLong(text.group(2))),
                new Life(Long.parseLong(text.group(3)), text.group(4)),
                text.group(5)));
    }

    /** The same of another session, which takes over how long the lease may still last. */
    Mark in(Life other) {
        return new Mark(since, lease, other, label);
    }

    String text() {
        return since + " " + lease.toMillis() + " " + life.born() + " " + life.node() + " " + label;
    }
}
