// SPDX-License-Identifier: Apache-2.0
/** The store {@code file:DIR}: the locks of the processes of one host. */
@NullMarked
package io.holdfast.local;

import org.jspecify.annotations.NullMarked;
