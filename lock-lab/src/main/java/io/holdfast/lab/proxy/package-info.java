// SPDX-License-Identifier: Apache-2.0
/**
 * A TCP proxy that harms connections on purpose: it stands between a client and a store on the loopback interface and
 * delays, loses, holds back or cuts what passes.
 *
 * <p>Experimental: it may change in any minor release before 1.0.0.
 */
@NullMarked
package io.holdfast.lab.proxy;

import org.jspecify.annotations.NullMarked;
