// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The highest token this client has seen of each name, for the names used last (rule FT-4). Thread-safe.
 *
 * <p>It is what notices a wiped or restored store. Bounded, since an application may use names without end.
 */
final class TokenFloor {
    private static final int CAPACITY = 4096;

    private final LinkedHashMap<String, Long> highest = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > CAPACITY;
        }
    };

    /** Raises the floor. @return empty when done, or the floor that the token is not above */
    synchronized OptionalLong raise(String name, long token) {
        Long floor = highest.get(name);
        if (floor != null && token <= floor) {
            return OptionalLong.of(floor);
        }
        highest.put(name, token);
        return OptionalLong.empty();
    }
}
