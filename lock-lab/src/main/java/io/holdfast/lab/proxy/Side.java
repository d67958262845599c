// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

/** One of the two peers that a proxy stands between. */
public enum Side {
    /** Who connected to the proxy. */
    CLIENT,
    /** What the proxy connects to: the store. */
    TARGET
}
