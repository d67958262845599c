// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.redis.Requests.Request;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.redisson.api.BatchOptions;
import org.redisson.api.RBatch;
import org.redisson.api.RScript.ReturnType;
import org.redisson.api.RScriptAsync;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;

/** A flight on a connection of Redisson's pool; what teaches a script goes before it, on another. */
final class PooledFlight implements Flight {
    private final Requests requests;
    private final RBatch batch;
    private final RScriptAsync scripts;
    private boolean empty = true;

    PooledFlight(Requests requests, RedissonClient client, long timeoutMillis) {
        this.requests = requests;
        batch = client.createBatch(
                BatchOptions.defaults().retryAttempts(0).responseTimeout(timeoutMillis, TimeUnit.MILLISECONDS));
        scripts = batch.getScript(StringCodec.INSTANCE);
    }

    @Override
    public CompletionStage<String> add(Request request, boolean inFull) {
        if (inFull) {
            return requests.inFull(request, ReturnType.VALUE);
        }
        empty = false;
        return Requests.digest(scripts, request, ReturnType.VALUE);
    }

    /** When it fails as a whole, Redisson fails each of its calls; otherwise each has its own answer. */
    @Override
    public void go() {
        if (!empty) {
            batch.executeAsync();
        }
    }
}
