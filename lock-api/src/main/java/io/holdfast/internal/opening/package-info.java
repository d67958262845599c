/** From a configuration to a connected client: which backend serves it, and what to say when none does. Not exported. */
@NullMarked
package io.holdfast.internal.opening;

import org.jspecify.annotations.NullMarked;
