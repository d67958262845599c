// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockOutcomeUnknownException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RTopic;
import org.redisson.api.RedissonClient;
import org.redisson.api.listener.MessageListener;
import org.redisson.api.listener.StatusListener;
import org.redisson.client.codec.StringCodec;

/**
 * The one subscription that all sessions on a Redisson client and prefix share, whoever lent or made it (a subscription a lock would
 * meet Redisson's limit of 250). A channel has one subscriber, so a release wakes one process and nobody else.
 *
 * <p>Made with the first session and given up with the last. A message is as good as an answer to a look: however late it comes,
 * the contender's own basis says how long its grant is valid. A lost one costs a poll interval. Thread-safe.
 */
final class WakeUps implements MessageListener<String>, StatusListener {
    private static final Logger LOG = System.getLogger("io.holdfast.redis");
    private static final Map<Key, WakeUps> SHARED = new ConcurrentHashMap<>();

    private final Key key;
    private final String channel;
    private final RTopic topic;
    private final Map<String, RedisSession> sessions = new ConcurrentHashMap<>();
    private final CompletableFuture<@Nullable Void> subscribed = new CompletableFuture<>();

    /** Guarded by the map's lock on this key. */
    private int users;

    private record Key(IdentityOf client, String prefix) {}

    /** Two Redisson clients are one only when they are the same object. */
    private record IdentityOf(RedissonClient client) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof IdentityOf that && client == that.client;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(client);
        }
    }

    private WakeUps(Key key) {
        this.key = key;
        this.channel = key.prefix() + ":wake:" + UUID.randomUUID();
        this.topic = key.client().client().getTopic(channel, StringCodec.INSTANCE);
    }

    /** Joins the subscription of a client, or makes it; {@link #leave} gives it back. */
    static WakeUps join(RedissonClient client, String prefix) {
        Key key = new Key(new IdentityOf(client), prefix);
        boolean[] made = new boolean[1];
        WakeUps joined = SHARED.compute(key, (k, known) -> {
            WakeUps w = known;
            if (w == null) {
                w = new WakeUps(k);
                made[0] = true;
            }
            w.users++;
            return w;
        });
        if (made[0]) {
            joined.subscribe();
        }
        return joined;
    }

    private void subscribe() {
        try {
            topic.addListenerAsync((StatusListener) this)
                    .thenCompose(first -> topic.addListenerAsync(String.class, this))
                    .whenComplete((listener, failure) -> {
                        if (failure == null) {
                            subscribed.complete(null);
                        } else {
                            failed(failure);
                        }
                    });
        } catch (RuntimeException e) { // a client that was shut down, or cannot connect
            failed(e);
        }
    }

    /** The next session tries anew. */
    private void failed(Throwable why) {
        SHARED.remove(key, this);
        subscribed.completeExceptionally(why);
    }

    /** Completes when messages come. */
    CompletionStage<@Nullable Void> subscribed() {
        return subscribed;
    }

    /** Gives the subscription back; with its last user it ends. */
    void leave() {
        boolean[] last = new boolean[1];
        SHARED.computeIfPresent(key, (k, known) -> {
            if (known != this) {
                return known;
            }
            users--;
            last[0] = users == 0;
            return last[0] ? null : this;
        });
        if (last[0]) {
            topic.removeAllListenersAsync();
        }
    }

    String channel() {
        return channel;
    }

    void add(RedisSession session) {
        sessions.put(session.id(), session);
    }

    void remove(RedisSession session) {
        sessions.remove(session.id(), session);
    }

    @Override
    public void onMessage(CharSequence from, String message) {
        try {
            heard(Reply.parse(message));
        } catch (LockOutcomeUnknownException | NumberFormatException e) {
            // An exception here would end the thread on which Redisson delivers messages.
            LOG.log(Level.DEBUG, () -> "a message on " + channel + " is not of ours, and is left alone");
        }
    }

    private void heard(Reply said) {
        String contender = said.text(1);
        int dot = contender.indexOf('.');
        RedisSession session = dot < 0 ? null : sessions.get(contender.substring(0, dot));
        long token = said.number(2);
        LockKeys keys = new LockKeys(said.text(3));
        if (session != null) {
            session.told(said.is("forced"), keys, Long.parseLong(contender.substring(dot + 1)), token);
            return;
        }
        Collection<RedisSession> others = sessions.values();
        if (said.is("granted") && !others.isEmpty()) {
            // A late copy of a request of a session that is closed: nobody owns this grant.
            others.iterator().next().giveBack(keys, contender, token);
        }
    }

    /** Called for the first subscription and whenever it is made anew: what was published in between is lost. */
    @Override
    public void onSubscribe(String subscribedChannel) {
        sessions.values().forEach(RedisSession::lookAgain);
    }

    @Override
    public void onUnsubscribe(String unsubscribedChannel) {}
}
