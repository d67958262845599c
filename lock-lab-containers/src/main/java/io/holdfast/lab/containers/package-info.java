// SPDX-License-Identifier: Apache-2.0
/** Runs the kit's servers in containers, by Testcontainers. */
@NullMarked
package io.holdfast.lab.containers;

import org.jspecify.annotations.NullMarked;
