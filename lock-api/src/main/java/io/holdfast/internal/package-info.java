/** The engine: owners, hold counts, queues, hand-offs, deadlines, renewal, loss, for all stores. Not exported. */
@NullMarked
package io.holdfast.internal;

import org.jspecify.annotations.NullMarked;
