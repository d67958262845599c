// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockListener;
import io.holdfast.LockLoss;
import io.holdfast.internal.client.EngineClient;
import io.holdfast.internal.context.EngineSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A process with a lock client, the real one, and workers that use it. */
final class SimClient {
    private final SimWorld world;
    private final SimNode node;
    private final SimStore store;
    private final SimRandom random;
    private final Judges judges;
    private final LinkFaults faults = new LinkFaults();
    private final List<Worker> workers = new ArrayList<>();
    private SimRuntime runtime;
    private EngineClient engine;
    private SimOwner sharedOwner;
    private boolean stopping;

    SimClient(SimWorld world, SimNode node, SimStore store, SimRandom random, Judges judges) {
        this.world = world;
        this.node = node;
        this.store = store;
        this.random = random;
        this.judges = judges;
    }

    void addWorker(Workload workload) {
        workers.add(new Worker(world, this, random.fork(workers.size()), judges, workload));
    }

    SimNode node() {
        return node;
    }

    LinkFaults faults() {
        return faults;
    }

    EngineClient engine() {
        return engine;
    }

    SimRuntime runtime() {
        return runtime;
    }

    /** An owner that threads of this process share. */
    SimOwner sharedOwner() {
        return sharedOwner;
    }

    boolean isStopping() {
        return stopping;
    }

    /** Opens the lock client, again until the store is reached. */
    void start() {
        engine = null;
        sharedOwner = new SimOwner("shared", true);
        runtime = new SimRuntime(world, node, random.fork(1000 + node.incarnation()));
        SimLink link = new SimLink(world, node, runtime, store, random.fork(2000 + node.incarnation()), faults);
        SimBackend backend = new SimBackend(world, store, link, judges);
        SimSettings s = store.settings();
        EngineSettings settings = new EngineSettings(
                Duration.ofNanos(s.lease()),
                0,
                s.handoffLimit(),
                Duration.ofSeconds(10),
                Duration.ofNanos(s.operationTimeout()),
                Duration.ofNanos(s.outageTimeout()),
                Duration.ofNanos(s.closeTimeout()),
                link.process(),
                runtime);
        EngineClient.openAsync(backend, true, settings).whenComplete((client, failure) -> {
            if (client == null) {
                world.in(node, SimSettings.SECOND, "open again", this::start);
            } else {
                engine = client;
                client.addListener(new Ear());
                judges.opened(this);
                workers.forEach(Worker::begin);
            }
        });
    }

    void pause(boolean begins) {
        if (begins) {
            node.pause();
        } else {
            node.resume();
        }
    }

    void crash(boolean begins) {
        if (begins) {
            node.crash();
            engine = null;
        } else if (node.start() && !stopping) {
            world.in(node, 0, "start", this::start);
        }
    }

    /** Begins nothing new. */
    void stop() {
        stopping = true;
    }

    /** Closes the lock client. */
    void close() {
        if (engine != null) {
            judges.closing(this);
            engine.closeAsync().whenComplete((v, e) -> judges.closed(this, e));
        }
    }

    /** Hears what the engine announces; throws now and then, which must not disturb anything. */
    private final class Ear implements LockListener {
        @Override
        public void renewed(String name, long fencingToken) {
            if (random.chance(0.01)) {
                throw new IllegalStateException("injected: a listener fails");
            }
        }

        @Override
        public void lost(LockLoss loss) {
            judges.announcedLost(SimClient.this, loss);
        }
    }
}
