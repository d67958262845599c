// SPDX-License-Identifier: Apache-2.0
/**
 * The store {@code memory:NAME}: the locks of one JVM, for unit tests and first trials, and the reference for what every other backend
 * must do. It is in this module so that both need one jar only.
 */
@NullMarked
package io.holdfast.memory;

import org.jspecify.annotations.NullMarked;
