// SPDX-License-Identifier: Apache-2.0
/** The witness: threads and processes that enter and leave a critical section, and a checker that reads what they saw. */
@NullMarked
package io.holdfast.tck.internal.witness;

import org.jspecify.annotations.NullMarked;
