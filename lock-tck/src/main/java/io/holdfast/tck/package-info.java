// SPDX-License-Identifier: Apache-2.0
/**
 * The compatibility kit: the rules of docs/SPEC.md as tests that run against any backend.
 *
 * <p>Extend {@link io.holdfast.tck.LockTck} and give it a {@link io.holdfast.tck.LockBackendFixture}, or let {@link
 * io.holdfast.tck.TckRunner} run the kit against a URL.
 *
 * <p>Experimental: it may change in any minor release before 1.0.0.
 */
@NullMarked
package io.holdfast.tck;

import org.jspecify.annotations.NullMarked;
