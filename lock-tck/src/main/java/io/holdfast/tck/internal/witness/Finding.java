// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

import java.util.List;

/**
 * A rule that a history shows broken.
 *
 * @param rule its id
 * @param seen what shows it
 * @param attempts the names of the attempts that show it
 */
public record Finding(String rule, String seen, List<String> attempts) {}
