// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal.witness;

/**
 * A rule that a history shows broken.
 *
 * @param rule its id
 * @param seen what shows it
 */
public record Finding(String rule, String seen) {}
