/**
 * What a backend implements: {@link io.holdfast.spi.LockBackendProvider} and, at full depth, {@link
 * io.holdfast.spi.LockBackend} with its sessions and contenders, or, for a table with compare-and-set, {@link
 * io.holdfast.spi.LockTable}.
 *
 * <p>Experimental: it may change in any minor release before 1.0.0.
 */
@NullMarked
package io.holdfast.spi;

import org.jspecify.annotations.NullMarked;
