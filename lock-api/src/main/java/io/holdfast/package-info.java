// SPDX-License-Identifier: Apache-2.0
/** Locks that many processes share: what an application calls. */
@NullMarked
package io.holdfast;

import org.jspecify.annotations.NullMarked;
