// SPDX-License-Identifier: Apache-2.0
/**
 * Crowds of processes that take one lock.
 *
 * <p>Experimental: it may change in any minor release before 1.0.0.
 */
@NullMarked
package io.holdfast.lab.process;

import org.jspecify.annotations.NullMarked;
