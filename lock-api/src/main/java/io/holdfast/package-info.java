/**
 * Distributed locks for the JVM with one set of reentrant semantics over many stores: start at {@link
 * io.holdfast.LockClient}. The rules that its types cite (ME-1 and so on) are in docs/SPEC.md.
 */
@NullMarked
package io.holdfast;

import org.jspecify.annotations.NullMarked;
