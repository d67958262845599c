/**
 * The top floor of the engine: what an application has in its hands, a client, its locks, handles and groups, and the client's
 * end. Not exported.
 */
@NullMarked
package io.holdfast.internal.client;

import org.jspecify.annotations.NullMarked;
