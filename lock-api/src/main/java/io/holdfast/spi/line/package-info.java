// SPDX-License-Identifier: Apache-2.0
/**
 * The middle depth of the SPI: a store that keeps a line for every name answers single requests ({@link io.holdfast.spi.line.LockLine},
 * {@link io.holdfast.spi.line.LineSession}), and {@link io.holdfast.spi.line.LineBackend} makes of them a backend with sessions and
 * contenders. The life of a contender, in which answers are lost, late or repeated, is written here once.
 *
 * <p>Experimental: it may change in any minor release before 1.0.0.
 */
@NullMarked
package io.holdfast.spi.line;

import org.jspecify.annotations.NullMarked;
