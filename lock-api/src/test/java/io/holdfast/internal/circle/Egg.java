// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.circle;

import org.jspecify.annotations.Nullable;

/** For the rules of the architecture: needs its {@link Hen}. */
final class Egg {
    @Nullable
    Hen hen;
}
