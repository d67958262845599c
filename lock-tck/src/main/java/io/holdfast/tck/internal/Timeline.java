// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import static io.holdfast.tck.FailingHistory.NEVER;

import io.holdfast.tck.FailingHistory;
import io.holdfast.tck.FailingHistory.Span;
import io.holdfast.tck.FailingHistory.Strike;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Draws a history that shows a rule broken: a lane for each witness, who waited and held when, and what was done to them. */
final class Timeline {
    private static final int WIDTH = 960;
    private static final int LEFT = 70;
    private static final int LANE = 34;
    private static final int BAR = 18;
    private static final int TOP = 26;
    private static final int TICKS = 5;

    /** Below this many units a bar has no room for its token; the title has it. */
    private static final int ROOM_FOR_TOKEN = 70;

    private final FailingHistory history;
    private final List<String> lanes;
    private final long end;
    private final StringBuilder out = new StringBuilder(8192);

    private Timeline(FailingHistory history) {
        this.history = history;
        this.lanes = Stream.concat(
                        history.spans().stream().map(Span::witness),
                        history.strikes().stream().map(Strike::witness))
                .distinct()
                .sorted()
                .toList();
        long latest = Stream.concat(
                        history.spans().stream().map(Timeline::endOf),
                        history.strikes().stream().map(Strike::at))
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        this.end = Math.max(1, Math.min(latest, blamedEnd() * 5 / 4));
    }

    static String svg(FailingHistory history) {
        return new Timeline(history).draw();
    }

    private long blamedEnd() {
        return history.spans().stream()
                .filter(Span::blamed)
                .mapToLong(Timeline::endOf)
                .max()
                .orElse(Long.MAX_VALUE / 5);
    }

    private static long endOf(Span span) {
        return Math.max(
                span.times().asked(),
                Math.max(
                        span.times().held(),
                        Math.max(span.times().lastValid(), span.times().ended())));
    }

    private String draw() {
        int height = TOP + lanes.size() * LANE + 24;
        out.append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(height);
        out.append("\" role=\"img\" aria-label=\"")
                .append(Markup.text(history.rule() + ": " + history.seen()))
                .append("\">\n");
        overlap();
        axis(height - 24);
        for (String lane : lanes) {
            out.append(String.format(
                    Locale.ROOT, "<text class=\"lane\" x=\"4\" y=\"%d\">%s</text>%n", y(lane) + 14, Markup.text(lane)));
        }
        history.spans().forEach(this::span);
        history.strikes().forEach(this::strike);
        return out.append("</svg>\n").toString();
    }

    private int y(String lane) {
        return TOP + lanes.indexOf(lane) * LANE;
    }

    private double x(long nanos) {
        double share = Math.max(0, Math.min(1, (double) nanos / end));
        return LEFT + share * (WIDTH - LEFT - 8);
    }

    private void span(Span span) {
        out.append("<g>").append(Markup.element("title", titled(span)));
        long held = span.times().held();
        long until = span.times().ended() == NEVER ? end : span.times().ended();
        if (span.times().asked() != NEVER) {
            bar("waits", span.witness(), span.times().asked(), held == NEVER ? until : held);
        }
        if (held != NEVER) {
            String type = span.blamed() ? "holds blamed" : "holds";
            long shown = Math.max(until, span.times().lastValid());
            bar(type, span.witness(), held, shown);
            if (held >= 0 && x(shown) - x(held) >= ROOM_FOR_TOKEN) {
                out.append(String.format(
                        Locale.ROOT,
                        "<text class=\"token\" x=\"%.1f\" y=\"%d\">%d</text>",
                        x(held) + 4,
                        y(span.witness()) + 14,
                        span.token()));
            }
        }
        out.append("</g>\n");
    }

    private void bar(String type, String lane, long from, long to) {
        if (from >= end || to <= 0) {
            return;
        }
        int thin = type.equals("waits") ? BAR / 3 : 0;
        out.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                type,
                x(from),
                y(lane) + thin,
                Math.max(1.5, x(to) - x(from)),
                BAR - 2 * thin));
    }

    private String titled(Span span) {
        String token = span.times().held() == NEVER ? ": waits" : ": token " + span.token();
        return span.name()
                + token
                + at(", asks at ", span.times().asked())
                + at(", holds from ", span.times().held())
                + at(", last valid at ", span.times().lastValid())
                + at(", ends at ", span.times().ended());
    }

    private static String at(String what, long nanos) {
        return nanos == NEVER ? "" : what + millis(nanos);
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.3f ms", nanos / 1e6);
    }

    /** Where both of those that are blamed were valid. */
    private void overlap() {
        List<Span> blamed = history.spans().stream()
                .filter(span -> span.blamed() && span.times().held() != NEVER)
                .toList();
        long from = blamed.stream().mapToLong(span -> span.times().held()).max().orElse(0);
        long to = blamed.stream()
                .mapToLong(span -> span.times().lastValid())
                .min()
                .orElse(0);
        if (blamed.size() == 2 && to >= from) {
            out.append(String.format(
                    Locale.ROOT,
                    "<rect class=\"overlap\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>both valid for %s</title></rect>%n",
                    x(from),
                    TOP - 8,
                    Math.max(2, x(to) - x(from)),
                    lanes.size() * LANE + 8,
                    millis(to - from)));
        }
    }

    private void axis(int y) {
        for (int i = 0; i <= TICKS; i++) {
            long at = end / TICKS * i;
            out.append(String.format(
                    Locale.ROOT,
                    "<line class=\"tick\" x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\"/><text class=\"tick\" x=\"%1$.1f\" y=\"%4$d\" text-anchor=\"%5$s\">%6$s</text>%n",
                    x(at),
                    TOP - 8,
                    y,
                    y + 16,
                    i == TICKS ? "end" : "middle",
                    millis(at)));
        }
    }

    private void strike(Strike strike) {
        out.append(String.format(
                Locale.ROOT,
                "<g><line class=\"strike\" x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\"/><text class=\"strike\" x=\"%1$.1f\" y=\"%2$d\">%4$s</text></g>%n",
                x(strike.at()),
                y(strike.witness()) - 4,
                y(strike.witness()) + BAR + 4,
                Markup.text(strike.witness() + " " + strike.what())));
    }
}
