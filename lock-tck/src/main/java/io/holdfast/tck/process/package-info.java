// SPDX-License-Identifier: Apache-2.0
/** Other processes of a test: what happens between Java virtual machines, and to one that is stopped or killed. */
@NullMarked
package io.holdfast.tck.process;

import org.jspecify.annotations.NullMarked;
