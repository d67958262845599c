// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.StoreFinding;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Where a backend's sessions get their links from. */
interface Links {
    /**
     * Makes a link, or shares one.
     *
     * @param plan what to make it with
     * @return completes with one that can be used, and exceptionally with one of our exceptions
     */
    CompletableFuture<Link> join(LinkPlan plan);

    /**
     * Gives a link back; call it once for each that was joined.
     *
     * @return completes when the store confirmed that the session, or our part in it, has ended
     */
    CompletionStage<@Nullable Void> leave(Link link);

    /** Whether several lock clients share a session of the ensemble. */
    boolean areShared();

    /**
     * The servers themselves, for a diagnosis.
     *
     * @return empty when they are not known, or cannot be asked
     */
    List<ServerWords> servers();

    /** What a diagnosis says of the settings that lead to the servers; nothing for a lent client. */
    List<StoreFinding> way();

    /** Ends what is still ending, in bounded time. */
    void close();
}
