// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import static io.holdfast.tck.FailingHistory.NEVER;

import io.holdfast.tck.FailingHistory;
import io.holdfast.tck.FailingHistory.Span;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The part of a history that shows a rule broken, as JSON has it: times in nanoseconds; what did not happen is left out. */
final class HistoryJson {
    private HistoryJson() {}

    static Map<String, Object> of(FailingHistory history) {
        List<Map<String, Object>> strikes = history.strikes().stream()
                .map(strike ->
                        Map.<String, Object>of("witness", strike.witness(), "at", strike.at(), "what", strike.what()))
                .<Map<String, Object>>map(TreeMap::new)
                .toList();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rule", history.rule());
        json.put("seen", history.seen());
        json.put("spans", history.spans().stream().map(HistoryJson::span).toList());
        json.put("strikes", strikes);
        return json;
    }

    private static Map<String, Object> span(Span span) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("attempt", span.name());
        json.put("blamed", span.blamed());
        // As text: whoever reads JSON numbers as doubles rounds one above 2^53 to that of another hold.
        json.put("token", Long.toString(span.token()));
        put(json, "asked", span.times().asked());
        put(json, "held", span.times().held());
        put(json, "lastValid", span.times().lastValid());
        put(json, "ended", span.times().ended());
        return json;
    }

    private static void put(Map<String, Object> json, String key, long nanos) {
        if (nanos != NEVER) {
            json.put(key, nanos);
        }
    }
}
