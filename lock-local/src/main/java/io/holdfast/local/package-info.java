// SPDX-License-Identifier: Apache-2.0
/** A backend inside one JVM. */
@NullMarked
package io.holdfast.local;

import org.jspecify.annotations.NullMarked;
