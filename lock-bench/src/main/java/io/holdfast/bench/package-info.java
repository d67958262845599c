// SPDX-License-Identifier: Apache-2.0
/** Holdfast and other libraries at the same work: {@code ./bench}. */
@NullMarked
package io.holdfast.bench;

import org.jspecify.annotations.NullMarked;
