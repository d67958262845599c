// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Leaves out what the system property {@code holdfast.tck.only} does not name, as {@code
 * Fencing,Loss.aHoldThatIsNotRenewedIsSuspectThenLostOnceAtItsDeadline}: kits, and single tests of a kit. Build tools cannot choose them by
 * class, since the kits are nested in the class that theirs extends.
 */
final class ChosenTests implements ExecutionCondition {
    static final String PROPERTY = "holdfast.tck.only";

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        String wanted = System.getProperty(PROPERTY, "");
        Class<?> type = context.getRequiredTestClass();
        if (wanted.isBlank() || type.getDeclaringClass() != LockTck.class) {
            return ConditionEvaluationResult.enabled("no choice was made");
        }
        List<String[]> choices = Arrays.stream(wanted.split(",", -1))
                .map(choice -> choice.strip().split("\\.", 2))
                .toList();
        choices.forEach(choice -> requireKit(choice[0]));
        String test = context.getTestMethod().map(Method::getName).orElse(null);
        boolean chosen = choices.stream()
                .filter(choice -> choice[0].equals(type.getSimpleName()))
                .anyMatch(choice -> test == null || choice.length == 1 || choice[1].equals(test));
        return chosen
                ? ConditionEvaluationResult.enabled("named by " + PROPERTY)
                : ConditionEvaluationResult.disabled("not named by " + PROPERTY + "=" + wanted);
    }

    private static void requireKit(String name) {
        List<String> kits = Arrays.stream(LockTck.class.getDeclaredClasses())
                .map(Class::getSimpleName)
                .sorted()
                .toList();
        if (!kits.contains(name)) {
            throw new IllegalArgumentException(
                    PROPERTY + " names no kit: '" + name + "'; there are " + String.join(", ", kits));
        }
    }
}
