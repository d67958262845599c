// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockHandle;
import io.holdfast.LockLoss;
import io.holdfast.LockLostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.client.RedisException;
import org.redisson.client.codec.StringCodec;

/**
 * Scripts of Redis that change nothing for whoever is no longer the newest holder of a lock (rule FT-8).
 *
 * <p>In one step the server looks at the newest token that scripts under this lock have brought, and runs the script only when the hold's
 * token is not older. The lock may be in any store. The newest token is kept in a key beside the data, named by the prefix and the lock's
 * name, which never expires. So the guard lasts as long as the data: whatever evicts or loses that key may do so to the data, too.
 *
 * <p>What it cannot cover: commands that go around it, and what is done outside this Redis. On a cluster the key of the token and those of
 * the script must be in one slot: put one {@code {tag}} in the prefix and in them. Immutable and thread-safe.
 */
public final class FencedScripts {
    /** What the keys of the tokens begin with. */
    public static final String PREFIX = "holdfast-fence:";

    private static final String REFUSED = "FENCED ";

    /** Tokens have up to 61 bits, which a number of Lua has not: they are compared as text without leading zeros. */
    private static final String GUARD =
            """
            do
                local fence, token = table.remove(KEYS), table.remove(ARGV)
                local newest = redis.call('GET', fence)
                if newest and (#newest > #token or #newest == #token and newest > token) then
                    return redis.error_reply('FENCED ' .. newest)
                end
                redis.call('SET', fence, token)
            end
            """;

    private final RedissonClient client;
    private final String prefix;

    private FencedScripts(RedissonClient client, String prefix) {
        this.client = client;
        this.prefix = prefix;
    }

    /**
     * Fences the scripts of a client, with the prefix {@value #PREFIX}.
     *
     * @param client the application's own
     * @return the fenced scripts; the server is not asked yet
     */
    public static FencedScripts of(RedissonClient client) {
        return new FencedScripts(Objects.requireNonNull(client, "client"), PREFIX);
    }

    /**
     * The same with another prefix of the keys of tokens. Two locks of the same name, in different stores, need different prefixes.
     *
     * @param other what the keys of the tokens begin with; not empty
     * @return a copy
     * @throws IllegalArgumentException when it is empty
     */
    public FencedScripts withPrefix(String other) {
        if (other.isEmpty()) {
            throw new IllegalArgumentException("the prefix of the keys of tokens is empty");
        }
        return new FencedScripts(client, other);
    }

    /**
     * Runs a script under a hold.
     *
     * @param hold the hold that the script needs
     * @param script Lua; it finds its own keys and values in {@code KEYS} and {@code ARGV}, from 1 on
     * @param answers what kind of answer it gives
     * @param keys its keys
     * @param values its values, each as its text
     * @return the answer as Redisson reads it by its string codec: a {@code Long} for {@code LONG}, a text for {@code VALUE}, null where
     *     the script's is
     * @throws LockLostException when the hold is over, or a later holder's script has run; this script has done nothing then
     * @throws RedisException when the client or the server fails; when no answer came, it is not known whether the script has run
     */
    public @Nullable Object run(
            LockHandle hold, String script, RScript.ReturnType answers, List<String> keys, Object... values) {
        long token = hold.fencingToken();
        if (!hold.isValid()) {
            throw lost(hold, "the hold is over", "its store");
        }
        List<Object> allKeys = new ArrayList<>(keys);
        allKeys.add(prefix + hold.name());
        List<Object> allValues = new ArrayList<>();
        for (Object value : values) {
            allValues.add(value.toString());
        }
        allValues.add(Long.toString(token));
        try {
            return client.getScript(StringCodec.INSTANCE)
                    .eval(RScript.Mode.READ_WRITE, GUARD + script, answers, allKeys, allValues.toArray());
        } catch (RedisException e) {
            String message = String.valueOf(e.getMessage());
            if (message.startsWith(REFUSED)) {
                String newest = message.substring(REFUSED.length()).replaceFirst("(?s)\\D.*", "");
                throw lost(hold, "a later holder has been here, with token " + newest, "the fence " + prefix);
            }
            throw e;
        }
    }

    private static LockLostException lost(LockHandle hold, String reason, String where) {
        return new LockLostException(new LockLoss(hold.name(), hold.fencingToken(), reason), where);
    }
}
