// SPDX-License-Identifier: Apache-2.0
/**
 * Other processes of a test: what happens between Java virtual machines, and to one that is stopped or killed.
 *
 * <p>Experimental: it may change in any minor release before 1.0.0.
 */
@NullMarked
package io.holdfast.tck.process;

import org.jspecify.annotations.NullMarked;
