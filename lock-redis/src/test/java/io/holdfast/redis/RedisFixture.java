// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.lab.server.ServerFixture;
import io.holdfast.lab.server.ServerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A server of the kit's own behind a proxy, and what the kit may do to both. */
class RedisFixture extends ServerFixture {
    final String prefix;

    RedisFixture(ServerSpec spec) {
        this(spec, "holdfast:kit-" + UUID.randomUUID());
    }

    RedisFixture(ServerSpec spec, String prefix) {
        super(spec.durable().start());
        this.prefix = prefix;
    }

    @Override
    public String url() {
        return "redis://" + endpoint() + "/0?prefix=" + prefix;
    }

    /** Who looks at the server past the backend; an administrator where there are users. */
    Resp administrator() {
        return Resp.open(server().node(1).address());
    }

    /** Allowed are, for their time: the last token of a name, who had it last, and tombstones. */
    @Override
    public List<String> residue() {
        List<String> left = new ArrayList<>();
        try (Resp redis = administrator()) {
            for (String key : redis.list("KEYS", prefix + ":*")) {
                boolean timed = redis.number("PTTL", key) > 0;
                boolean allowed = key.endsWith(":undone")
                        || (key.endsWith("}") && List.of("t", "l").containsAll(redis.list("HKEYS", key)));
                if (!timed || !allowed) {
                    left.add(key + " " + redis.text("TYPE", key));
                }
            }
            for (String channel : redis.list("PUBSUB", "CHANNELS", prefix + ":*")) {
                left.add("subscription to " + channel);
            }
        }
        return left;
    }

    @Override
    public boolean recognisesCopies() {
        return true;
    }

    /** Redis knows no sessions: what a client has there are its contenders, which bear its label. */
    @Override
    public void expireSession(String label) {
        try (Resp redis = administrator()) {
            for (String key : redis.list("KEYS", prefix + ":{*}")) {
                String holder = redis.text("HGET", key, "h");
                List<String> fields = redis.list("HGETALL", key);
                for (int i = 0; i < fields.size(); i += 2) {
                    if (fields.get(i + 1).endsWith(" " + label)) {
                        String id = fields.get(i);
                        redis.ask("HDEL", key, id.equals(holder) ? "h" : id, id);
                        redis.ask("ZREM", key + ":line", id);
                    }
                }
            }
        }
    }

    @Override
    public void deleteHolder(String name) {
        try (Resp redis = administrator()) {
            redis.ask("DEL", LockKeys.of(prefix, name).state());
        }
    }
}
