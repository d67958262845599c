// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.ForceOutcome;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.redis.Requests.Request;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.StoredLock;
import io.holdfast.spi.line.Inquiries;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Who holds what, and taking it from them: what is asked outside any session. */
final class RedisInquiries implements Inquiries {
    private static final Logger LOG = System.getLogger("io.holdfast.redis");

    /** Keys that the server looks at in one step, about a millisecond of its time. */
    private static final int KEYS_A_PAGE = 2000;

    private final Requests requests;
    private final RedisSettings settings;

    RedisInquiries(Requests requests, RedisSettings settings) {
        this.requests = requests;
        this.settings = settings;
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name, LockRuntime runtime) {
        Request request = new Request(Script.INSPECT, keysOf(name), List.of("", "0"));
        return requests.send(request, runtime).thenApply(line -> stored(name, line));
    }

    private static StoredLock stored(String name, String line) {
        Reply reply = Reply.parse(line, 5);
        if (reply.is("free")) {
            return StoredLock.free(name, Math.toIntExact(reply.number(1)));
        }
        if (reply.is("held")) {
            return new StoredLock(
                    name, reply.number(1), reply.text(4), reply.number(2), Math.toIntExact(reply.number(3)));
        }
        throw reply.malformed();
    }

    /** Page by page over the server's keys: a name that changes meanwhile may show as it was, or twice; once is kept. */
    @Override
    public CompletionStage<List<StoredLock>> list(LockRuntime runtime) {
        return page("0", new Listing(runtime, runtime.clock().nanoTime(), new LinkedHashMap<>()));
    }

    /** A listing under way. */
    private record Listing(LockRuntime runtime, long begunAt, Map<String, StoredLock> found) {}

    private CompletionStage<List<StoredLock>> page(String cursor, Listing listing) {
        Request request = new Request(
                Script.LIST, null, List.of(cursor, Integer.toString(KEYS_A_PAGE), LockKeys.pattern(settings.prefix())));
        return requests.sendForList(request, listing.runtime).thenCompose(lines -> {
            for (int i = 1; i + 1 < lines.size(); i += 2) {
                take(lines.get(i), lines.get(i + 1), listing);
            }
            String next = lines.get(0);
            if (next.equals("0")) {
                return CompletableFuture.completedFuture(new ArrayList<>(listing.found.values()));
            }
            // Whoever asked has given up by now: nobody waits for the rest.
            long spent = listing.runtime.clock().nanoTime() - listing.begunAt;
            return spent < settings.operationTimeout().toNanos()
                    ? page(next, listing)
                    : CompletableFuture.failedFuture(
                            new LockUnavailableException("list: all keys of the database have to be"
                                    + " looked at, and "
                                    + settings.operationTimeout().toMillis() + " ms were not enough; give"
                                    + " 'operation-timeout' more, or locks a database of their own"));
        });
    }

    /** One name that cannot be read, because somebody else wrote there, hides no other. */
    private void take(String key, String line, Listing listing) {
        new LockKeys(key).name(settings.prefix()).ifPresent(name -> {
            try {
                listing.found.put(name, stored(name, line));
            } catch (LockOutcomeUnknownException | ArithmeticException | IllegalArgumentException foreign) {
                LOG.log(Level.DEBUG, () -> "what stands in " + key + " is not of ours, and is not listed");
            }
        });
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken, LockRuntime runtime) {
        String token = storeToken.isPresent() ? Long.toString(storeToken.getAsLong()) : "";
        String retention = Long.toString(settings.tokenRetention().toMillis());
        Request request = new Request(Script.FORCE, keysOf(name), List.of("", retention, token));
        return requests.send(request, runtime).thenApply(line -> {
            Reply reply = Reply.parse(line);
            return switch (reply.text(0)) {
                case "released" -> ForceOutcome.RELEASED;
                case "free" -> ForceOutcome.NOT_HELD;
                case "moved" -> ForceOutcome.MOVED_ON;
                default -> throw reply.malformed();
            };
        });
    }

    private LockKeys keysOf(String name) {
        return LockKeys.of(settings.prefix(), name);
    }
}
