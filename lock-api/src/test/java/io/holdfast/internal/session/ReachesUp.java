// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.session;

import io.holdfast.internal.name.NameTable;
import org.jspecify.annotations.Nullable;

/** For the rules of the architecture: a session that knows names. */
final class ReachesUp {
    @Nullable
    NameTable names;
}
