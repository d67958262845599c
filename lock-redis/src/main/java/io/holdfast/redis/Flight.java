// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.redis.Requests.Request;
import java.util.concurrent.CompletionStage;

/** Calls of scripts that leave together on one connection, each with an answer of its own. */
interface Flight {
    /**
     * Takes one more call along; before {@link #go}.
     *
     * @param inFull with the script's text, which teaches it to the server; else by its digest
     */
    CompletionStage<String> add(Request request, boolean inFull);

    /** Sends them. */
    void go();
}
