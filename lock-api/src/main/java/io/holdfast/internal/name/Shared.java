// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.internal.context.Engine;
import io.holdfast.internal.session.Sessions;

/**
 * What the names of one client share.
 *
 * @param engine the client's context
 * @param sessions where they contend
 * @param tokens what is known of their fencing tokens
 * @param lostHolds who must still be told of a loss
 */
record Shared(Engine engine, Sessions sessions, Tokens tokens, LostHolds lostHolds) {}
