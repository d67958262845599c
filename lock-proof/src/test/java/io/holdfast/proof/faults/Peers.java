// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

import com.ecwid.consul.v1.ConsulClient;
import com.ecwid.consul.v1.QueryParams;
import com.ecwid.consul.v1.kv.model.PutParams;
import com.ecwid.consul.v1.session.model.NewSession;
import com.ecwid.consul.v1.session.model.Session;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryForever;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** The libraries that a row of docs/PEERS.md is about, each with the lease that Holdfast has in the same place. */
enum Peers {
    REDISSON_LOCK("Redisson `RLock`", MatrixStore.REDIS) {
        @Override
        PeerLock.Client open(String endpoint, Duration lease) {
            RedissonClient client = redisson(endpoint, lease);
            return client(name -> redisson(client.getLock(name)), client::shutdown);
        }
    },
    REDISSON_FENCED_LOCK("Redisson `RFencedLock`", MatrixStore.REDIS) {
        @Override
        PeerLock.Client open(String endpoint, Duration lease) {
            RedissonClient client = redisson(endpoint, lease);
            return client(name -> redisson(client.getFencedLock(name)), client::shutdown);
        }
    },
    CURATOR_MUTEX("Curator `InterProcessMutex`", MatrixStore.ZOOKEEPER) {
        @Override
        PeerLock.Client open(String endpoint, Duration lease) {
            CuratorFramework client = CuratorFrameworkFactory.newClient(
                    endpoint, Math.toIntExact(lease.toMillis()), 1_000, new RetryForever(100));
            client.start();
            return client(name -> curator(client, new InterProcessMutex(client, "/peers/" + name)), client::close);
        }
    },
    JETCD_LOCK("jetcd `Lock`", MatrixStore.ETCD) {
        @Override
        PeerLock.Client open(String endpoint, Duration lease) {
            Client client = Client.builder().endpoints("http://" + endpoint).build();
            return client(name -> jetcd(client, lease, name), client::close);
        }
    },
    CONSUL_API("consul-api, session and `acquire`", MatrixStore.CONSUL) {
        @Override
        PeerLock.Client open(String endpoint, Duration lease) {
            String[] parts = endpoint.split(":", 2);
            ConsulClient client = new ConsulClient(parts[0], Integer.parseInt(parts[1]));
            ScheduledExecutorService renewals = Executors.newScheduledThreadPool(2);
            return client(name -> consul(client, renewals, lease, name), renewals::shutdownNow);
        }
    };

    private final String title;
    private final MatrixStore store;

    Peers(String title, MatrixStore store) {
        this.title = title;
        this.store = store;
    }

    abstract PeerLock.Client open(String endpoint, Duration lease) throws Exception;

    String title() {
        return title;
    }

    MatrixStore store() {
        return store;
    }

    private interface Locks {
        PeerLock of(String name) throws Exception;
    }

    private static PeerLock.Client client(Locks locks, Runnable close) {
        return new PeerLock.Client() {
            @Override
            public PeerLock lock(String name) throws Exception {
                return locks.of(name);
            }

            @Override
            public void close() {
                close.run();
            }
        };
    }

    private static RedissonClient redisson(String endpoint, Duration lease) {
        Config config = new Config();
        config.setLockWatchdogTimeout(lease.toMillis());
        config.useSingleServer().setAddress("redis://" + endpoint);
        return Redisson.create(config);
    }

    private static PeerLock redisson(RLock lock) {
        return new PeerLock() {
            @Override
            public void acquire() {
                lock.lock();
            }

            @Override
            public boolean isHeld() {
                return lock.isHeldByCurrentThread();
            }

            @Override
            public void release() {
                lock.unlock();
            }
        };
    }

    /** Held until the connection is suspended, as the documentation of the recipe advises. */
    private static PeerLock curator(CuratorFramework client, InterProcessMutex mutex) {
        AtomicBoolean lost = new AtomicBoolean();
        client.getConnectionStateListenable().addListener((any, state) -> {
            if (state == ConnectionState.SUSPENDED || state == ConnectionState.LOST) {
                lost.set(true);
            }
        });
        return new PeerLock() {
            @Override
            public void acquire() throws Exception {
                lost.set(false);
                mutex.acquire();
            }

            @Override
            public boolean isHeld() {
                return mutex.isOwnedByCurrentThread() && !lost.get();
            }

            @Override
            public void release() throws Exception {
                mutex.release();
            }
        };
    }

    /** Held until the lease's keep-alive ends or fails; the library has no other word for it. */
    private static PeerLock jetcd(Client client, Duration lease, String name) {
        ByteSequence key = ByteSequence.from("peers/" + name, StandardCharsets.UTF_8);
        return new PeerLock() {
            private final AtomicBoolean lost = new AtomicBoolean();
            private long id;
            private ByteSequence held = ByteSequence.EMPTY;
            private @Nullable CloseableClient keepAlive;

            @Override
            public void acquire() throws Exception {
                lost.set(false);
                id = client.getLeaseClient()
                        .grant(lease.toSeconds())
                        .get(10, TimeUnit.SECONDS)
                        .getID();
                keepAlive = client.getLeaseClient().keepAlive(id, observer(lost));
                held = client.getLockClient().lock(key, id).get().getKey();
            }

            @Override
            public boolean isHeld() {
                return !lost.get();
            }

            @Override
            public void release() throws Exception {
                if (keepAlive != null) { // first: where what follows fails, the lease ends by itself
                    keepAlive.close();
                }
                client.getLockClient().unlock(held).get(10, TimeUnit.SECONDS);
                client.getLeaseClient().revoke(id).get(10, TimeUnit.SECONDS);
            }
        };
    }

    private static StreamObserver<LeaseKeepAliveResponse> observer(AtomicBoolean lost) {
        return new StreamObserver<>() {
            @Override
            public void onNext(LeaseKeepAliveResponse response) {
                if (response.getTTL() <= 0) {
                    lost.set(true);
                }
            }

            @Override
            public void onError(Throwable failure) {
                lost.set(true);
            }

            @Override
            public void onCompleted() {
                lost.set(true);
            }
        };
    }

    /** As Consul's guide on sessions says: a session with a time to live, renewed twice in it, no lock-delay. */
    private static PeerLock consul(
            ConsulClient client, ScheduledExecutorService renewals, Duration lease, String name) {
        return new PeerLock() {
            private final AtomicBoolean lost = new AtomicBoolean();
            private String session = "";
            private @Nullable ScheduledFuture<?> renewal;

            @Override
            public void acquire() throws Exception {
                lost.set(false);
                NewSession asked = new NewSession();
                asked.setTtl(lease.toMillis() + "ms");
                asked.setLockDelay(0);
                asked.setBehavior(Session.Behavior.DELETE);
                String id = client.sessionCreate(asked, QueryParams.DEFAULT).getValue();
                session = id;
                long half = lease.toMillis() / 2;
                renewal = renewals.scheduleAtFixedRate(() -> renew(id), half, half, TimeUnit.MILLISECONDS);
                PutParams params = new PutParams();
                params.setAcquireSession(id);
                while (!client.setKVValue("peers/" + name, "", params).getValue()) {
                    Thread.sleep(20);
                }
            }

            private void renew(String id) {
                try {
                    client.renewSession(id, QueryParams.DEFAULT);
                } catch (RuntimeException e) {
                    if (id.equals(session)) {
                        lost.set(true);
                    }
                    throw e; // and so it is not renewed again
                }
            }

            @Override
            public boolean isHeld() {
                return !lost.get();
            }

            @Override
            public void release() {
                if (renewal != null) { // first: where what follows fails, the session ends by itself
                    renewal.cancel(false);
                }
                client.sessionDestroy(session, QueryParams.DEFAULT);
            }
        };
    }
}
