// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.redis.Requests.Request;
import io.holdfast.spi.LockRuntime;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.redisson.api.RedissonClient;
import org.redisson.api.redisnode.RedisNodes;

/**
 * What a server says of itself, asked without changing anything there.
 *
 * @param server its name and version, such as {@code redis 7.0.15}
 * @param clockAheadMillis how far its wall clock is ahead of ours, in the middle of the request
 * @param clockDoubtMillis by how much that may be wrong, since the request took its time
 * @param info the fields of {@code INFO}; empty when this user may not call it
 * @param config the settings we ask for; empty when this user may not look at them
 */
record ServerFacts(
        String server,
        long clockAheadMillis,
        long clockDoubtMillis,
        Map<String, String> info,
        Map<String, String> config) {
    static final String APPENDFSYNC = "appendfsync";
    static final String SAVE = "save";

    /** Asks once for all that a script may see, and once for each setting, which none may. */
    static CompletionStage<ServerFacts> ask(
            RedissonClient client, Requests requests, Request script, LockRuntime runtime) {
        long sentAt = runtime.clock().wallMillis();
        CompletableFuture<Map<String, String>> config = setting(client, requests, APPENDFSYNC, runtime)
                .thenCombine(setting(client, requests, SAVE, runtime), ServerFacts::both);
        return requests.sendForList(script, runtime)
                .thenApply(lines -> Map.entry(lines, runtime.clock().wallMillis()))
                .thenCombine(config, (lines, settings) -> of(lines.getKey(), sentAt, lines.getValue(), settings));
    }

    private static ServerFacts of(List<String> lines, long sentAt, long answeredAt, Map<String, String> config) {
        long doubt = Math.max(0, answeredAt - sentAt) / 2 + 1;
        long ahead = Long.parseLong(lines.get(0)) / 1000 - (sentAt + doubt);
        return new ServerFacts(lines.get(1), ahead, doubt, fields(lines.get(2)), config);
    }

    private static Map<String, String> fields(String info) {
        return info.lines()
                .filter(line -> line.indexOf(':') > 0)
                .collect(Collectors.toUnmodifiableMap(
                        line -> line.substring(0, line.indexOf(':')),
                        line -> line.substring(line.indexOf(':') + 1).strip(),
                        (first, second) -> first));
    }

    /** Empty when it cannot be looked at, for whatever reason: a diagnosis says so and goes on. */
    private static CompletableFuture<Map<String, String>> setting(
            RedissonClient client, Requests requests, String name, LockRuntime runtime) {
        // A lent client of many servers, none of which is the one, throws.
        return requests.limit(
                        () -> client.getRedisNodes(RedisNodes.SINGLE)
                                .getInstance()
                                .getConfigAsync(name),
                        "config get",
                        runtime)
                .exceptionally(refused -> Map.of());
    }

    private static Map<String, String> both(Map<String, String> one, Map<String, String> other) {
        Map<String, String> all = new HashMap<>(one);
        all.putAll(other);
        return Collections.unmodifiableMap(all);
    }
}
