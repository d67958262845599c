// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.util.EnumMap;
import java.util.Map;

/**
 * How a run reached its store.
 *
 * @param type the class of the fixture
 * @param ofTheKit whether that class is the kit's own; a fixture that the backend's authors wrote can say anything, so that what the
 *     report has from it is their word
 * @param serverOfTheLab whether Holdfast's laboratory started the server and keeps its link
 * @param hooks which hooks the fixture was asked for: true for those that it has, false for those that it has not
 */
public record UsedFixture(String type, boolean ofTheKit, boolean serverOfTheLab, Map<Hook, Boolean> hooks) {
    /**
     * Copies the hooks.
     *
     * @param type the class of the fixture
     * @param ofTheKit whether that class is the kit's own
     * @param serverOfTheLab whether Holdfast's laboratory started the server
     * @param hooks which hooks the fixture was asked for
     */
    public UsedFixture {
        EnumMap<Hook, Boolean> sorted = new EnumMap<>(Hook.class);
        sorted.putAll(hooks);
        hooks = java.util.Collections.unmodifiableMap(sorted);
    }

    /**
     * Whether the fixture has a hook.
     *
     * @param hook the hook
     * @return false, too, when it was not asked for
     */
    public boolean has(Hook hook) {
        return hooks.getOrDefault(hook, false);
    }
}
