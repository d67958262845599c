/**
 * The second floor of the engine: one client's names, and of each its waiters, its contender, its grant and hold. What it needs of
 * a store it asks of a session. Not exported.
 */
@NullMarked
package io.holdfast.internal.name;

import org.jspecify.annotations.NullMarked;
