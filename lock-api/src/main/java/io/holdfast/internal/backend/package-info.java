// SPDX-License-Identifier: Apache-2.0
/** What the backends made of lines and of tables share: which of their sessions are open. Beside the floors of the engine. Not exported. */
@NullMarked
package io.holdfast.internal.backend;

import org.jspecify.annotations.NullMarked;
