// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

/** How far a store's own rules keep two valid holds of a name from overlapping (rules ME-1 and ME-2). */
public enum GuaranteeClass {
    /** Two valid holds of a name never overlap while the stated assumptions on clocks and store hold. */
    A,

    /** Best effort: the store can forget or expire a grant early (wall clock, eviction, asynchronous fail-over). Use the fencing token. */
    B
}
