// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayNameGenerator;

/** Names a test by its rules and its method: {@code ME-1, FT-1: one of two clients holds}. */
final class RuleNames extends DisplayNameGenerator.Simple {
    @Override
    public String generateDisplayNameForMethod(List<Class<?>> enclosing, Class<?> testClass, Method testMethod) {
        String words = testMethod.getName().replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
        Proves proves = testMethod.getAnnotation(Proves.class);
        return proves == null ? words : String.join(", ", proves.value()) + ": " + words;
    }
}
