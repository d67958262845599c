/**
 * The ground floor of the engine: what every part of one client may touch, and no name and no session. Not exported.
 */
@NullMarked
package io.holdfast.internal.context;

import org.jspecify.annotations.NullMarked;
