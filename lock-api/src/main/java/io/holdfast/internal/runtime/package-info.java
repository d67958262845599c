/** The timer and the threads that the clients of a JVM share. Not exported. */
@NullMarked
package io.holdfast.internal.runtime;

import org.jspecify.annotations.NullMarked;
