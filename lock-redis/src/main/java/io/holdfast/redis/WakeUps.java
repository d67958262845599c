// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RTopic;
import org.redisson.api.RedissonClient;
import org.redisson.api.listener.MessageListener;
import org.redisson.api.listener.StatusListener;

/**
 * The one subscription that all sessions on a Redisson client and prefix share, whoever lent or made it (a subscription a lock would
 * meet Redisson's limit of 250). A channel has one subscriber, so a release wakes one process and nobody else.
 *
 * <p>Made with the first session and given up with the last. Whoever may publish can write to the channel, so a message that does not
 * prove to be of ours moves nothing, not even a request (rule SP-8). One that does says what the store did; while the subscription
 * has not been interrupted, it came in the order in which the store did it, and is as good as an answer: the contender's own basis
 * says how long its grant is valid. Otherwise the store is asked. A lost message costs a poll interval. Thread-safe.
 */
final class WakeUps implements MessageListener<String>, StatusListener {
    private static final Logger LOG = System.getLogger("io.holdfast.redis");
    private static final Map<Key, WakeUps> SHARED = new ConcurrentHashMap<>();

    private final Key key;
    private final Executor sender;
    private final MessageKey messageKey = new MessageKey();
    private final boolean inOrder;
    private final String channel;
    private final RTopic topic;
    private final Map<String, RedisSession> sessions = new ConcurrentHashMap<>();
    private final CompletableFuture<@Nullable Void> subscribed = new CompletableFuture<>();
    private final AtomicInteger subscriptions = new AtomicInteger();
    private final GoingBack goingBack = new GoingBack();

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

    private WakeUps(Key key, Executor sender) {
        this.key = key;
        this.sender = sender;
        RedissonClient client = key.client().client();
        this.inOrder = client.getConfig().isKeepPubSubOrder();
        this.topic = client.getTopic(key.prefix() + ":wake:" + UUID.randomUUID(), MessageCodec.INSTANCE);
        this.channel = topic.getChannelNames().get(0);
    }

    /** Joins the subscription of a client, or makes it; {@link #leave} gives it back. */
    static WakeUps join(RedissonClient client, String prefix, Executor sender) {
        Key key = new Key(new IdentityOf(client), prefix);
        boolean[] made = new boolean[1];
        WakeUps joined = SHARED.compute(key, (k, known) -> {
            WakeUps w = known;
            if (w == null) {
                w = new WakeUps(k, sender);
                made[0] = true;
            }
            w.users++;
            return w;
        });
        if (made[0]) {
            joined.apart(joined::subscribe);
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
        } catch (RuntimeException | Error e) { // a client that was shut down, cannot connect, or gets no thread
            failed(e);
        }
    }

    private void apart(Runnable step) {
        try {
            sender.execute(step);
        } catch (RuntimeException
                | Error e) { // its threads have ended, and the subscription with them; or it gets none
            failed(e);
        }
    }

    /** The next session tries anew. */
    private void failed(Throwable why) {
        SHARED.remove(key, this);
        subscribed.completeExceptionally(why);
    }

    /** The channel that a client listens to for a name of ours. */
    static String channelOf(RedissonClient client, String name) {
        // A name mapper of a lent client may change it; the scripts publish where we listen (rule SP-9).
        return client.getTopic(name, MessageCodec.INSTANCE).getChannelNames().get(0);
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
            apart(topic::removeAllListenersAsync);
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

    /** What goes into a contender's entry, and proves messages to it. */
    String secretOf(String contender) {
        return messageKey.secretOf(contender);
    }

    /** How often the subscription was made; a contender that is older than the last time may have missed messages. */
    int subscriptions() {
        return subscriptions.get();
    }

    @Override
    public void onMessage(CharSequence from, String message) {
        try {
            Optional<WakeUp> heard = WakeUp.parse(message, messageKey);
            if (heard.isPresent()) {
                heard(heard.get());
            } else {
                LOG.log(Level.DEBUG, () -> "a message on " + channel + " is not of ours, and is left alone");
            }
        } catch (RuntimeException | Error e) {
            // Would end the thread on which Redisson delivers messages.
            LOG.log(Level.WARNING, "a message on " + channel + " could not be taken in", e);
        }
    }

    private void heard(WakeUp said) {
        RedisSession session = sessions.get(said.session());
        boolean owned = session != null && session.told(said, inOrder);
        if (!owned && !said.forced()) {
            giveBack(said, session);
        }
    }

    /** A late copy of a request that is long done with was granted the lock: nobody owns this grant. Else it ends with its lease. */
    private void giveBack(WakeUp said, @Nullable RedisSession session) {
        RedisSession any = session != null
                ? session
                : sessions.values().stream().findFirst().orElse(null);
        if (any == null || !goingBack.begins(said, any.now())) {
            return;
        }
        any.giveBack(said).whenComplete((done, failure) -> goingBack.done());
    }

    /** Called for the first subscription and whenever it is made anew: what was published in between is lost. */
    @Override
    public void onSubscribe(String subscribedChannel) {
        int count = subscriptions.incrementAndGet();
        sessions.values().forEach(session -> session.subscribedAnew(count));
    }

    @Override
    public void onUnsubscribe(String unsubscribedChannel) {}
}
