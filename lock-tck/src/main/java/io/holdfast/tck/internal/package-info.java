// SPDX-License-Identifier: Apache-2.0
/** The kit's own machinery: a test's scene, taps between engine and backend, the report. Not exported. */
@NullMarked
package io.holdfast.tck.internal;

import org.jspecify.annotations.NullMarked;
