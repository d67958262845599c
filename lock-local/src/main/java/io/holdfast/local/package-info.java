// SPDX-License-Identifier: Apache-2.0
/**
 * The embedded stores: {@code memory:NAME}, the locks of one JVM and the reference for every other backend, and {@code
 * file:DIR}, the locks of the processes of one host.
 */
@NullMarked
package io.holdfast.local;

import org.jspecify.annotations.NullMarked;
