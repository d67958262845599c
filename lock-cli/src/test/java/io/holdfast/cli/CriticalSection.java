// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A counter that many commands raise under one lock by reading, sleeping and writing, and the history they write meanwhile.
 *
 * <p>Each command appends {@code in TOKEN SESSION TOOL} when it has begun, {@code read TOKEN N} and {@code wrote TOKEN N}; an
 * append of a line is one write, so the history is in the order of what happened. Reading and writing are a grandchild's work
 * in a group of its own: killing COMMAND alone, or its group alone, would leave it at work.
 */
final class CriticalSection {
    private static final String SCRIPT =
            """
            set -eu
            echo "in $HOLDFAST_TOKEN $$ ${TOOL:-0}" >>history
            timeout 60 sh -c '
                n=$(cat counter)
                echo "read $HOLDFAST_TOKEN $n" >>history
                sleep 0.00$(($HOLDFAST_TOKEN / 256 % 8))
                echo "$((n + 1))" >counter.$HOLDFAST_TOKEN
                mv counter.$HOLDFAST_TOKEN counter
                echo "wrote $HOLDFAST_TOKEN $((n + 1))" >>history'
            """;

    private final Path directory;

    private CriticalSection(Path directory) {
        this.directory = directory;
    }

    static CriticalSection in(Path directory) throws IOException {
        Files.writeString(directory.resolve("section.sh"), SCRIPT);
        Files.writeString(directory.resolve("counter"), "0\n");
        Files.createFile(directory.resolve("history"));
        return new CriticalSection(directory);
    }

    /** One line of the history. */
    record Line(String verb, long token, List<Long> rest) {
        static Line of(String text) {
            String[] words = text.split(" ", -1);
            List<Long> rest = new ArrayList<>();
            for (int i = 2; i < words.length; i++) {
                rest.add(Long.parseLong(words[i]));
            }
            return new Line(words[0], Long.parseLong(words[1]), rest);
        }
    }

    List<Line> history() throws IOException {
        return Files.readAllLines(directory.resolve("history")).stream()
                .map(Line::of)
                .toList();
    }

    /** How many commands have begun. */
    static long begun(List<Line> history) {
        return history.stream().filter(line -> line.verb().equals("in")).count();
    }

    /**
     * Judges the history: tokens rise, nobody acts after the next has begun, and every command finds what the last one that
     * got so far has written.
     */
    void judge() throws IOException {
        long token = 0;
        long value = 0;
        boolean mayHaveWritten = false;
        for (Line line : history()) {
            if (line.verb().equals("in")) {
                assertThat(line.token()).as("the token of %s", line).isGreaterThan(token);
                token = line.token();
                continue;
            }
            assertThat(line.token()).as("%s while %s holds", line, token).isEqualTo(token);
            long n = line.rest().get(0);
            if (line.verb().equals("read")) {
                // Killed between its write and its note, the last one leaves one more than the history shows.
                assertThat(n).as("%s", line).isBetween(value, mayHaveWritten ? value + 1 : value);
                value = n;
                mayHaveWritten = true;
            } else {
                assertThat(n).as("%s", line).isEqualTo(value + 1);
                value = n;
                mayHaveWritten = false;
            }
        }
        long counter =
                Long.parseLong(Files.readString(directory.resolve("counter")).strip());
        assertThat(counter).as("the counter").isBetween(value, mayHaveWritten ? value + 1 : value);
    }
}
