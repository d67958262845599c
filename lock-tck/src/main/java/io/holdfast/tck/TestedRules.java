// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/** The rules that the tests of the kit name. */
final class TestedRules {
    private static final Set<String> ALL = find();

    private TestedRules() {}

    static Set<String> all() {
        return ALL;
    }

    private static Set<String> find() {
        // The check after every test names these two.
        Set<String> found = new TreeSet<>(Set.of("LK-1", "CL-3"));
        for (Class<?> kit : LockTck.class.getDeclaredClasses()) {
            for (Class<?> type = kit; type != null; type = type.getSuperclass()) {
                for (Method method : type.getDeclaredMethods()) {
                    Proves proves = method.getAnnotation(Proves.class);
                    if (proves != null) {
                        found.addAll(Arrays.asList(proves.value()));
                    }
                }
            }
        }
        return found;
    }
}
