// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.TestResult;
import io.holdfast.tck.TestResult.Verdict;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How each test of a run ended, by name. Guarded by whoever owns it. */
final class TestLog {
    private final Map<String, Long> begun = new HashMap<>();
    private final Map<String, TestResult> ended = new TreeMap<>();

    void begun(String test) {
        begun.put(test, System.nanoTime());
    }

    void ended(String test, Verdict verdict, Collection<String> rules, String why) {
        long now = System.nanoTime();
        // One that was skipped before its scene was set took no time.
        Duration took = Duration.ofNanos(now - begun.getOrDefault(test, now));
        ended.put(test, new TestResult(test, verdict, took, List.copyOf(rules), why));
    }

    List<TestResult> all() {
        return List.copyOf(ended.values());
    }
}
