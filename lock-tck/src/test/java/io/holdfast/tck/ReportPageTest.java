// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static io.holdfast.tck.FailingHistory.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import io.holdfast.tck.FailingHistory.Span;
import io.holdfast.tck.FailingHistory.Strike;
import io.holdfast.tck.FailingHistory.Times;
import io.holdfast.tck.internal.Tally;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The report as a page for people. */
class ReportPageTest {
    private static final String EVIL = "</svg><script>alert('1')</script><img src=x onerror=\"a&b\">\u202e\u001b";
    private static final Pattern TAG = Pattern.compile("<(/?)([a-z0-9]+)((?:\\s+[\\w-]+(?:=\"[^\"<>]*\")?)*)\\s*(/?)>");
    private static final Set<String> VOID = Set.of("meta");

    private final Tally tally = new Tally(Set.of("ME-1", "OR-1"));

    private static FailingHistory history() {
        return new FailingHistory(
                "ME-1",
                "w1#2 was valid while w0#1 still was " + EVIL,
                List.of(
                        new Span("w0#1", 2816, new Times(100_000, 500_000, 2_500_000, 3_000_000), true),
                        new Span("w1#2", 3072, new Times(200_000, 2_000_000, 3_500_000, 4_000_000), true),
                        new Span("w2#1", 0, new Times(300_000, NEVER, NEVER, NEVER), false)),
                List.of(new Strike("w2", 1_000_000, "killed")));
    }

    private TckReport evil() {
        tally.passed("Kit.first", List.of("FT-1"));
        tally.failed("Kit.second", List.of("OR-1"), new AssertionError(EVIL));
        tally.skipped("Kit.third", List.of("ME-1"), new HookMissing(EVIL));
        tally.show(history());
        TestedStore store = new TestedStore(
                "redis:" + EVIL,
                EVIL,
                Capabilities.of(LeaseScope.GRANT).build(),
                new UsedFixture(EVIL, false, false, Map.of()));
        return Reports.of(tally, store);
    }

    /** Every element that is opened is closed, in the right order, and nothing else looks like one. */
    private static void balanced(String page) {
        Deque<String> open = new ArrayDeque<>();
        String body = page.replaceFirst("^<!DOCTYPE html>\n", "").replaceFirst("(?s)<style>.*</style>", "");
        Matcher tag = TAG.matcher(body);
        while (tag.find()) {
            if (tag.group(1).isEmpty()) {
                if (tag.group(4).isEmpty() && !VOID.contains(tag.group(2))) {
                    open.push(tag.group(2));
                }
            } else {
                assertThat(open.pop()).as("closed at %s", tag.start()).isEqualTo(tag.group(2));
            }
        }
        assertThat(open).isEmpty();
        assertThat(TAG.matcher(body).replaceAll("")).doesNotContain("<").doesNotContain(">");
    }

    @Test
    void whatStoresSayStaysTextAndNothingIsLoaded() {
        String page = evil().html();
        balanced(page);
        assertThat(page)
                .doesNotContain("<script")
                .doesNotContain("<img")
                .doesNotContain("\u202e")
                .doesNotContain("\u001b")
                .contains("&lt;script&gt;alert(&#39;1&#39;)")
                .contains("\\u{202e}\\u{1b}");
        assertThat(page.replace("&lt;img src=x", ""))
                .doesNotContain("src=")
                .doesNotContain("href=")
                .doesNotContain("url(")
                .doesNotContain("@import")
                .doesNotContain("http:")
                .doesNotContain("https:");
    }

    @Test
    void itTellsVerdictsReasonsLevelsAndTests() {
        TckReport report = evil();
        assertThat(report.html())
                .contains("<span class=\"badge FAIL\">FAIL</span>")
                .contains("Level <span class=\"badge NONE\">NONE</span>")
                .contains("broken: OR-1")
                .contains("<code>Kit.second</code>")
                .contains("is their word")
                .contains(report.summary().substring(0, 20));
    }

    @Test
    void theHoldsThatOverlapAreHighlighted() {
        String page = evil().html();
        assertThat(page).contains("<rect class=\"overlap\"").contains("both valid for 0.500 ms");
        assertThat(Pattern.compile("class=\"holds blamed\"").matcher(page).results())
                .hasSize(2);
        assertThat(page)
                .contains(
                        "w0#1: token 2816, asks at 0.100 ms, holds from 0.500 ms, last valid at 2.500 ms, ends at 3.000 ms")
                .contains("w2#1: waits")
                .contains("w2 killed");
    }

    /** In the JSON, too, which keeps to its schema with whatever is in it. */
    @Test
    void theHistoryIsInTheJson() throws IOException {
        String json = evil().json();
        assertThat(ReportJsonTest.validated(json).isValid()).as(json).isTrue();
        assertThat(json)
                .contains("{\"attempt\": \"w2#1\", \"blamed\": false, \"token\": \"0\", \"asked\": 300000}")
                .contains("\"strikes\": [{\"at\": 1000000, \"what\": \"killed\", \"witness\": \"w2\"}]");
    }

    @Test
    void aSoundRunHasNoHistory() {
        tally.passed("Kit.first", List.of("ME-1"));
        String page = Reports.of(tally).html();
        balanced(page);
        assertThat(page).doesNotContain("<svg").contains("<span class=\"badge PASS\">PASS</span>");
    }
}
