/** Where settings come from and how they are read: sources, precedence, keys, values, TLS files. Not exported. */
@NullMarked
package io.holdfast.internal.config;

import org.jspecify.annotations.NullMarked;
