// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.redis.Requests.Request;
import io.holdfast.spi.LockClock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RScript.ReturnType;
import org.redisson.client.RedisClient;
import org.redisson.client.RedisConnection;
import org.redisson.client.RedisException;
import org.redisson.client.RedisReadonlyException;
import org.redisson.client.codec.StringCodec;
import org.redisson.client.protocol.CommandData;
import org.redisson.client.protocol.CommandsData;
import org.redisson.client.protocol.RedisCommand;

/** A connection to the server of a Redisson client beside its pool. Thread-safe. */
final class RenewalConnection {
    private final CompletableFuture<RedisConnection> connected = new CompletableFuture<>();
    private final long begunAt;
    private final @Nullable RedisClient master;

    /** Guarded by this; the oldest first. */
    private final Set<OwnFlight> unanswered = new LinkedHashSet<>();

    private volatile boolean broken;

    /**
     * Not connected yet.
     *
     * @param master the one of {@link #masterOf}; null when there is none, then none can be made
     */
    RenewalConnection(long now, @Nullable RedisClient master) {
        this.begunAt = now;
        this.master = master;
    }

    /** The client of the master that the pool sends its requests to now; null when that is not known. */
    static @Nullable RedisClient masterOf(Redisson redisson) {
        try {
            return redisson.getCommandExecutor()
                    .getConnectionManager()
                    .getWriteEntry(0)
                    .getClient();
        } catch (RuntimeException e) { // a client that was shut down
            return null;
        }
    }

    /** With the address, credentials and TLS of its master. */
    void connect() {
        if (master == null) {
            broken = true;
            connected.completeExceptionally(new RedisException("no master is known"));
            return;
        }
        try {
            // A copy of its settings: of its own pings one that is answered
            // late would end the connection, and the round with it.
            RedisClient copy = RedisClient.create(master.getConfig());
            copy.getConfig().setPingConnectionInterval(0);
            RedisClient.create(copy.getConfig()).connectAsync().whenComplete((connection, failure) -> {
                if (failure != null) {
                    broken = true;
                    connected.completeExceptionally(failure);
                    return;
                }
                connection.getChannel().closeFuture().addListener(ended -> close());
                if (!connected.complete(connection)) {
                    connection.closeAsync();
                }
            });
        } catch (RuntimeException e) { // a client that was shut down
            broken = true;
            connected.completeExceptionally(e);
        }
    }

    /**
     * Whether it is of no more use: it ended, its server said that it is a replica, or the pool has another master by now. A former
     * master may keep its connections open and answer: what it says of a hold counts for nothing, since the new one grants by its own.
     *
     * @param now the master of the pool; null when that is not known, then nothing speaks against this one
     */
    boolean isBroken(@Nullable RedisClient now) {
        return broken || (now != null && now != master);
    }

    /** How long the oldest flight has had no answer, or the connection has been in the making; 0 when nothing is missing. */
    long unansweredFor(long now) {
        synchronized (this) {
            if (!unanswered.isEmpty()) {
                return Math.max(1, now - unanswered.iterator().next().sentAt);
            }
        }
        return connected.isDone() ? 0 : Math.max(1, now - begunAt);
    }

    /** A flight on it once it is there; by the pool when it cannot be made. */
    CompletionStage<Flight> flight(LockClock clock, Supplier<Flight> pool) {
        return connected.handle((connection, failure) ->
                connection == null || broken ? pool.get() : new OwnFlight(connection, clock.nanoTime()));
    }

    /** What had no answer gets none. */
    void close() {
        broken = true;
        connected.completeExceptionally(new RedisException("the connection was closed"));
        List<OwnFlight> waiting;
        synchronized (this) {
            waiting = new ArrayList<>(unanswered);
        }
        waiting.forEach(OwnFlight::failed);
        RedisConnection connection = connected.isCompletedExceptionally() ? null : connected.getNow(null);
        if (connection != null) {
            connection.closeAsync(); // else Redisson would make it anew
        }
    }

    private final class OwnFlight implements Flight {
        private final RedisConnection connection;
        private final long sentAt;
        private final List<CommandData<?, ?>> calls = new ArrayList<>();
        private final CompletableFuture<@Nullable Void> all = new CompletableFuture<>();

        OwnFlight(RedisConnection connection, long sentAt) {
            this.connection = connection;
            this.sentAt = sentAt;
        }

        @Override
        public CompletionStage<String> add(Request request, boolean inFull) {
            List<Object> words = new ArrayList<>();
            words.add(inFull ? request.script().text() : request.script().sha());
            words.add(request.all().size());
            words.addAll(request.all());
            words.addAll(request.arguments());
            RedisCommand<Object> command =
                    new RedisCommand<>(Requests.command(ReturnType.VALUE), inFull ? "EVAL" : "EVALSHA");
            CompletableFuture<String> answer = new CompletableFuture<>();
            answer.whenComplete((line, failure) -> {
                // The master went elsewhere, which the pool may not have seen: behind one address for all, only a
                // new connection leads there. The other answers of this flight still come, so it is not closed here.
                if (failure instanceof RedisReadonlyException) {
                    broken = true;
                }
            });
            calls.add(new CommandData<>(answer, StringCodec.INSTANCE, command, words.toArray()));
            return answer;
        }

        @Override
        public void go() {
            synchronized (RenewalConnection.this) {
                unanswered.add(this);
            }
            all.whenComplete((done, failure) -> {
                synchronized (RenewalConnection.this) {
                    unanswered.remove(this);
                }
            });
            if (broken) {
                failed(); // closed meanwhile, and may not have seen this flight
                return;
            }
            connection.send(new CommandsData(all, calls, false, false)).addListener(written -> {
                if (!written.isSuccess()) {
                    failed();
                }
            });
        }

        private void failed() {
            RedisException why = new RedisException("the connection ended");
            calls.forEach(call -> call.getPromise().completeExceptionally(why));
            all.completeExceptionally(why);
        }
    }
}
