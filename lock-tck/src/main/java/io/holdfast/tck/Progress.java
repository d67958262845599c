// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Counts the tests of a run. JUnit begins a test before its turn has come, so the beginning is the kit's to tell. Thread-safe.
 */
final class Progress implements TestExecutionListener {
    private final Consumer<TckProgress> told;
    private final Set<String> running = new HashSet<>();
    private final Set<String> over = new HashSet<>();
    private @Nullable TestPlan plan;
    private long all;

    Progress(Consumer<TckProgress> told) {
        this.told = told;
    }

    @Override
    public synchronized void testPlanExecutionStarted(TestPlan begun) {
        plan = begun;
        all = begun.countTestIdentifiers(TestIdentifier::isTest);
    }

    /** A test's turn has come. */
    synchronized void began(String test) {
        running.add(test);
        tell();
    }

    /** A test's turn is over. */
    synchronized void ended(String test) {
        running.remove(test);
        if (over.add(test)) {
            tell();
        }
    }

    /** A test that never had its turn ends here. */
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (test.isTest()) {
            ended(test.getUniqueId());
        }
    }

    @Override
    public synchronized void executionSkipped(TestIdentifier skipped, String reason) {
        if (skipped.isTest()) {
            ended(skipped.getUniqueId());
        } else if (plan != null) {
            plan.getDescendants(skipped).stream()
                    .filter(TestIdentifier::isTest)
                    .forEach(test -> ended(test.getUniqueId()));
        }
    }

    private void tell() {
        told.accept(new TckProgress(over.size(), running.size(), (int) all - over.size() - running.size()));
    }
}
