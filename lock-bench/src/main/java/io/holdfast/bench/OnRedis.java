// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import java.util.List;
import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/** Redisson's lock with its watchdog, and two scripts by Redisson that do the least. */
final class OnRedis implements BenchLock.Client {
    private final RedissonClient client;
    private final boolean bare;

    private OnRedis(RedissonClient client, boolean bare) {
        this.client = client;
        this.bare = bare;
    }

    static BenchLock.Client lock(String endpoint) {
        return new OnRedis(open(endpoint), false);
    }

    static BenchLock.Client floor(String endpoint) {
        return new OnRedis(open(endpoint), true);
    }

    private static RedissonClient open(String endpoint) {
        Config config = new Config();
        config.useSingleServer().setAddress("redis://" + endpoint);
        return Redisson.create(config);
    }

    @Override
    public BenchLock on(String name) {
        return bare ? bare(name) : lock(client.getLock(name));
    }

    private static BenchLock lock(RLock lock) {
        return new BenchLock() {
            @Override
            public void lock() {
                lock.lock();
            }

            @Override
            public void unlock() {
                lock.unlock();
            }
        };
    }

    private BenchLock bare(String name) {
        RScript script = client.getScript(StringCodec.INSTANCE);
        List<Object> keys = List.of("floor:" + name);
        String take = script.scriptLoad("return redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', 30000)");
        String free = script.scriptLoad("return redis.call('del', KEYS[1])");
        return new BenchLock() {
            @Override
            public void lock() {
                script.evalSha(RScript.Mode.READ_WRITE, take, RScript.ReturnType.VALUE, keys, "1");
            }

            @Override
            public void unlock() {
                script.evalSha(RScript.Mode.READ_WRITE, free, RScript.ReturnType.LONG, keys);
            }
        };
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
