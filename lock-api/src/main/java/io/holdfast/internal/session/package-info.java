/**
 * The first floor of the engine: the client's sessions in the store, their renewal and deadlines, and what the store must still
 * confirm. It knows no name: what has a place in a session hears of it by {@link io.holdfast.internal.session.Leased}. Not
 * exported.
 */
@NullMarked
package io.holdfast.internal.session;

import org.jspecify.annotations.NullMarked;
