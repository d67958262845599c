// SPDX-License-Identifier: Apache-2.0
/** The lock contract as tests that run against any backend. */
@NullMarked
package io.holdfast.tck;

import org.jspecify.annotations.NullMarked;
