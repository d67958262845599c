// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.Hook;
import org.jspecify.annotations.Nullable;

/**
 * What a test of a rule could not look at, although the backend claims it.
 *
 * @param rule its id
 * @param why the reason
 * @param hook the hook that is missing, or null when it is something else
 */
record Unseen(String rule, String why, @Nullable Hook hook) {}
