// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the faults of a plan happen. */
final class FaultInjector {
    private final SimWorld world;
    private final SimStore store;
    private final List<SimClient> clients;
    private final List<String> names;
    private final Weather weather;
    private final Map<FaultKind, Integer> injected = new EnumMap<>(FaultKind.class);
    private final Set<Fault> onFollowers = new HashSet<>();

    FaultInjector(SimWorld world, SimStore store, List<SimClient> clients, List<String> names, Weather weather) {
        this.world = world;
        this.store = store;
        this.clients = clients;
        this.names = names;
        this.weather = weather;
    }

    void plan(List<Fault> faults) {
        for (Fault f : faults) {
            world.at(f.at(), "fault " + f.kind(), () -> begin(f));
            world.at(f.end(), "fault " + f.kind() + " ends", () -> end(f));
            if (f.kind() == FaultKind.FAIL_OVER) {
                world.at(Math.max(0, f.at() - f.amount()), "replication", ((TtlStore) store)::replicate);
            }
            if (f.kind() == FaultKind.DEPOSE || f.kind() == FaultKind.UNLINK) {
                world.at(Math.min(f.end(), f.at() + f.amount()), f.kind() + " goes on", () -> goOn(f));
            }
        }
    }

    /** How many of each kind have begun. */
    Map<FaultKind, Integer> injected() {
        return injected;
    }

    private void begin(Fault f) {
        injected.merge(f.kind(), 1, Integer::sum);
        disturb(f, true);
        switch (f.kind().scope()) {
            case CLIENT -> client(f, clients.get(f.target()), true);
            case NAME -> name(f, names.get(f.target()));
            case FOLLOWER -> follower(f, (TickStore) store);
            case STORE -> store(f);
        }
    }

    private void end(Fault f) {
        switch (f.kind().scope()) {
            case CLIENT -> client(f, clients.get(f.target()), false);
            case FOLLOWER -> followerEnd(f, (TickStore) store);
            case STORE -> storeEnd(f);
            case NAME -> {}
        }
        disturb(f, false);
    }

    private void disturb(Fault f, boolean begins) {
        if (f.kind().disturbs()) {
            weather.disturb(f.kind().scope() == FaultKind.Scope.CLIENT ? f.target() : -1, begins);
        }
    }

    private void client(Fault f, SimClient c, boolean begins) {
        LinkFaults link = c.faults();
        switch (f.kind()) {
            case CUT -> {
                link.cutRequests(begins);
                link.cutReplies(begins);
            }
            case CUT_REQUESTS -> link.cutRequests(begins);
            case CUT_REPLIES -> link.cutReplies(begins);
            case SLOW -> link.slow(begins, f.amount());
            case SLOW_REPLIES -> link.slowReplies(begins, f.amount());
            case LOSSY -> link.lossy(begins);
            case COPIES -> link.copying(begins);
            case PAUSE -> c.pause(begins);
            case CRASH -> c.crash(begins);
            case WALL_STEP -> {
                if (begins) {
                    c.node().stepWall(f.amount());
                }
            }
            case NO_RENEWALS -> link.breakRenewals(begins);
            case BREAK_RENEWAL -> {
                if (begins) {
                    link.breakRenewal();
                }
            }
            default -> throw new IllegalStateException("not a client's fault: " + f);
        }
    }

    private void name(Fault f, String name) {
        if (f.kind() == FaultKind.EVICT) {
            ((TtlStore) store).evict(name);
        } else {
            store.forceRelease(name);
        }
    }

    private void follower(Fault f, TickStore ensemble) {
        TickStore.Server server = ensemble.server(f.target());
        if (server.index == ensemble.leader() || !server.up || !server.linked) {
            return;
        }
        onFollowers.add(f);
        if (f.kind() == FaultKind.UNLINK) {
            ensemble.unlink(server);
        } else {
            ensemble.drop(server, true);
        }
    }

    private void followerEnd(Fault f, TickStore ensemble) {
        if (!onFollowers.remove(f)) {
            return; // it was in trouble already, or led
        }
        if (f.kind() == FaultKind.UNLINK) {
            ensemble.relink(ensemble.server(f.target()));
        } else {
            ensemble.comeBack(ensemble.server(f.target()));
        }
    }

    private void goOn(Fault f) {
        if (f.kind() == FaultKind.DEPOSE) {
            ((KeyedStore) store).elect();
        } else if (onFollowers.contains(f) && f.amount() < f.duration()) {
            ((TickStore) store).drop(((TickStore) store).server(f.target()), false);
        }
    }

    private void store(Fault f) {
        switch (f.kind()) {
            case STORE_PAUSE -> store.node().pause();
            case STORE_CRASH -> store.crash();
            case ELECTION -> store.election(true);
            case DEPOSE -> {
                List<SimNode> some = clients.subList(0, 1 + (int) (f.amount() % clients.size())).stream()
                        .map(SimClient::node)
                        .toList();
                ((KeyedStore) store).strand(some);
            }
            case FAIL_OVER -> store.election(true);
            case STORE_WALL_STEP -> store.node().stepWall(f.amount());
            default -> throw new IllegalStateException("not a store's fault: " + f);
        }
    }

    private void storeEnd(Fault f) {
        switch (f.kind()) {
            case STORE_PAUSE -> store.node().resume();
            case STORE_CRASH -> store.restart();
            case ELECTION -> store.election(false);
            case DEPOSE -> ((KeyedStore) store).reunite();
            case FAIL_OVER -> {
                ((TtlStore) store).failOver();
                store.election(false);
            }
            default -> {}
        }
    }
}
