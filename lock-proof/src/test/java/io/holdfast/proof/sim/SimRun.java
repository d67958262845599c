// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockMetrics;
import java.util.ArrayList;
import java.util.List;

/** One run: builds a world from a scenario and a seed, lets it go on, brings it to rest, and looks at what is left. */
final class SimRun {
    private static final long LOOK = 5 * SimSettings.SECOND;

    private final Scenario scenario;
    private final SimWorld world;
    private final SimStore store;
    private final Judges judges;
    private final List<SimClient> clients = new ArrayList<>();
    private final FaultInjector injector;

    private SimRun(Scenario scenario, long seed, boolean tracing) {
        this.scenario = scenario;
        this.world = new SimWorld(tracing);
        SimRandom random = new SimRandom(seed);
        Weather weather = new Weather(world, scenario.clients());
        this.judges = new Judges(world, scenario.settings(), weather, scenario.keepsLeases());
        int storeIndex = scenario.clients();
        SimNode storeNode = node(random, "store", storeIndex);
        this.store = store(storeNode, random.fork(7));
        for (int i = 0; i < storeIndex; i++) {
            SimNode node = node(random, "client-" + i, i);
            SimClient client = new SimClient(world, node, store, random.fork(100 + i), judges);
            for (int w = 0; w < scenario.workers(); w++) {
                client.addWorker(scenario.workload());
            }
            clients.add(client);
        }
        this.injector =
                new FaultInjector(world, store, clients, scenario.workload().names(), weather);
    }

    static SimResult run(Scenario scenario, long seed, boolean tracing) {
        try (LogWatch watch = new LogWatch()) {
            SimRun run = new SimRun(scenario, seed, tracing);
            watch.report(run.world);
            run.go();
            return new SimResult(
                    run.world.violation(),
                    run.world.now(),
                    run.world.events(),
                    run.world.hash(),
                    run.judges.waits().answered(),
                    run.injector.injected(),
                    List.copyOf(run.world.trace()));
        }
    }

    private SimNode node(SimRandom random, String name, int index) {
        return new SimNode(
                world, random.fork(50 + index), name, index, scenario.ratesPpm().get(index));
    }

    private SimStore store(SimNode node, SimRandom random) {
        SimSettings s = scenario.settings();
        return switch (s.personality()) {
            case REDIS -> new TtlStore(world, node, random, s, judges);
            case ZOOKEEPER -> new TickStore(world, node, random, s, judges);
            case ETCD, CONSUL -> new KeyedStore(world, node, random, s, judges);
        };
    }

    private void go() {
        clients.forEach(SimClient::start);
        injector.plan(scenario.faults());
        look();
        world.run(scenario.horizon());
        comeToRest();
        close();
    }

    private void look() {
        judges.waits().look();
        world.at(world.now() + LOOK, "look", this::look);
    }

    /** Nobody asks for anything new: in the end nobody waits or holds, and nothing is left of it. */
    private void comeToRest() {
        clients.forEach(SimClient::stop);
        long limit = world.now() + 120 * 60 * SimSettings.SECOND;
        while (world.violation() == null && isBusy()) {
            if (world.now() > limit) {
                judges.fail("CR-1", "never comes to rest: " + judges.waits().waiting());
            }
            world.run(world.now() + SimSettings.SECOND);
        }
        world.run(world.now() + 3 * scenario.settings().takeover());
        if (world.violation() != null) {
            return;
        }
        for (SimClient c : clients) {
            LockMetrics m = c.engine().metrics();
            if (m.held() != 0 || m.waiting() != 0 || m.names() != 0) {
                judges.fail("LK-2", "left in " + c.node() + " at rest: " + m);
            }
        }
        List<String> left =
                store.contents().stream().filter(l -> !l.startsWith("session")).toList();
        if (!left.isEmpty()) {
            judges.fail("LK-1", "left in the store at rest: " + left);
        }
    }

    private boolean isBusy() {
        return !judges.waits().waiting().isEmpty()
                || scenario.workload().names().stream().anyMatch(n -> judges.holds().open(n).stream()
                        .anyMatch(h -> h.request.isCurrent() && !h.isEnded()));
    }

    private void close() {
        if (world.violation() != null) {
            return;
        }
        clients.forEach(SimClient::close);
        world.run(world.now()
                + scenario.settings().closeTimeout()
                + 3 * scenario.settings().takeover());
        if (world.violation() != null) {
            return;
        }
        if (!store.contents().isEmpty()) {
            judges.fail("LK-1", "left in the store after close: " + store.contents());
        }
        for (SimClient c : clients) {
            if (c.runtime().pending() != 0) {
                judges.fail("CL-3", c.runtime().pending() + " timers left in " + c.node() + " after close");
            }
        }
    }
}
