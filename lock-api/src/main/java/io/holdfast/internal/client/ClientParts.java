// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import io.holdfast.internal.context.Engine;
import io.holdfast.internal.name.NameTable;

/**
 * What the lock objects of one client share.
 *
 * @param engine the client's context
 * @param names what it holds and waits for
 * @param acquisition how to come to hold
 * @param inquiry what the store is asked
 */
record ClientParts(Engine engine, NameTable names, Acquisition acquisition, Inquiry inquiry) {}
