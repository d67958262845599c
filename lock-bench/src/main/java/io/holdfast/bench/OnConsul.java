// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import com.ecwid.consul.v1.ConsulClient;
import com.ecwid.consul.v1.QueryParams;
import com.ecwid.consul.v1.kv.model.PutParams;
import com.ecwid.consul.v1.session.model.NewSession;
import com.ecwid.consul.v1.session.model.Session;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * consul-api with a session for each thread, since Consul gives a key again to the session that has it. Who does not get the key waits by a
 * blocking query until it changes, as Consul's guide on sessions says; the session outlives the measurement without a renewal.
 */
final class OnConsul implements BenchLock.Client {
    private static final String TTL = "600s";
    private static final long WAIT_SECONDS = 30;

    private final ConsulClient client;
    private final boolean bare;
    private final Queue<String> sessions = new ConcurrentLinkedQueue<>();

    private OnConsul(String endpoint, boolean bare) {
        String[] parts = endpoint.split(":", 2);
        this.client = new ConsulClient(parts[0], Integer.parseInt(parts[1]));
        this.bare = bare;
    }

    static BenchLock.Client lock(String endpoint) {
        return new OnConsul(endpoint, false);
    }

    static BenchLock.Client floor(String endpoint) {
        return new OnConsul(endpoint, true);
    }

    private String session() {
        NewSession asked = new NewSession();
        asked.setTtl(TTL);
        asked.setLockDelay(0);
        asked.setBehavior(Session.Behavior.DELETE);
        String session = client.sessionCreate(asked, QueryParams.DEFAULT).getValue();
        sessions.add(session);
        return session;
    }

    @Override
    public BenchLock on(String name) {
        String key = (bare ? "floor/" : "peer/") + name;
        String session = session();
        PutParams take = new PutParams();
        take.setAcquireSession(session);
        PutParams free = new PutParams();
        free.setReleaseSession(session);
        return new BenchLock() {
            @Override
            public void lock() {
                while (!client.setKVValue(key, "", take).getValue() && !bare) {
                    awaitFree(key);
                }
            }

            @Override
            public void unlock() {
                client.setKVValue(key, "", free);
            }
        };
    }

    private void awaitFree(String key) {
        long index = -1;
        while (true) {
            var seen = client.getKVValue(key, new QueryParams(WAIT_SECONDS, index));
            if (seen.getValue() == null || seen.getValue().getSession() == null) {
                return;
            }
            index = seen.getConsulIndex();
        }
    }

    @Override
    public void close() {
        sessions.forEach(session -> client.sessionDestroy(session, QueryParams.DEFAULT));
    }
}
