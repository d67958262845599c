// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockNames;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * What the tool says while it runs, on standard error alone: lines for people, or one JSON event a line. Thread-safe.
 *
 * <p>A line that shows who holds the lock may stand on a terminal meanwhile; it is taken away before anything else is said.
 */
final class Report {
    /** How much is said. */
    enum Style {
        QUIET,
        NORMAL,
        VERBOSE,
        JSON
    }

    /** How much a line matters. */
    enum Weight {
        /** Said even when quiet. */
        ERROR,
        NOTICE,
        /** Said when asked for. */
        DETAIL
    }

    private static final String CLEAR = "\r\u001b[K";

    private final PrintStream out;
    private final Style style;
    private final Supplier<Instant> wallClock;
    private boolean lineStands;

    Report(PrintStream out, Style style, Supplier<Instant> wallClock) {
        this.out = out;
        this.style = style;
        this.wallClock = wallClock;
    }

    /** To this process's standard error, in UTF-8 whatever the locale. */
    static Report toStandardError(Style style) {
        PrintStream out = new PrintStream(Printed.terminal(), false, StandardCharsets.UTF_8);
        return new Report(out, style, Instant::now);
    }

    Style style() {
        return style;
    }

    /** Says that something happened, to people as a line and to programs as an event with fields. */
    synchronized void say(Weight weight, String event, String line, Json fields) {
        if (style == Style.JSON) {
            write(event(new Json().with("time", wallClock.get()), event, line, fields) + "\n");
        } else if (isSaid(weight)) {
            write("holdfast: " + LockNames.printable(line) + "\n");
        }
    }

    /** What {@link #say} would write, for somebody else to write later; empty when it would write nothing. */
    String later(Weight weight, String event, String line, Json fields) {
        if (style == Style.JSON) {
            return event(new Json(), event, line, fields);
        }
        return isSaid(weight) ? "holdfast: " + LockNames.printable(line) : "";
    }

    private static String event(Json json, String event, String line, Json fields) {
        json.with("event", event);
        fields.copyTo(json);
        return json.with("message", line).toString();
    }

    private boolean isSaid(Weight weight) {
        return switch (weight) {
            case ERROR -> true;
            case NOTICE -> style != Style.QUIET;
            case DETAIL -> style == Style.VERBOSE;
        };
    }

    /** Puts a line on the terminal in place of the last one. */
    synchronized void show(String line) {
        out.print(CLEAR + line);
        out.flush();
        lineStands = true;
    }

    /** Takes the line away. */
    synchronized void unshow() {
        write("");
    }

    private void write(String text) {
        out.print((lineStands ? CLEAR : "") + text);
        out.flush();
        lineStands = false;
    }
}
