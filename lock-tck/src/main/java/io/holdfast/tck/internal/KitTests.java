// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.LockTck;
import io.holdfast.tck.Proves;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;

/** The tests that a whole run has, by name: all but those that take minutes. */
final class KitTests {
    private static final Set<String> ALL = find();

    private KitTests() {}

    static Set<String> all() {
        return ALL;
    }

    private static Set<String> find() {
        Set<String> found = new TreeSet<>();
        for (Class<?> kit : LockTck.class.getDeclaredClasses()) {
            for (Class<?> type = kit; type != null; type = type.getSuperclass()) {
                for (Method method : type.getDeclaredMethods()) {
                    if (method.isAnnotationPresent(Proves.class) && !method.isAnnotationPresent(Tag.class)) {
                        found.add(kit.getSimpleName() + "." + method.getName());
                    }
                }
            }
        }
        return Collections.unmodifiableSet(found);
    }
}
