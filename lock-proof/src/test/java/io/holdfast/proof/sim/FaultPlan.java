// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which faults a run meets: storms of a few minutes with calm between, made from the seed alone. */
final class FaultPlan {
    private static final long MINUTE = 60 * SimSettings.SECOND;

    private final SimSettings settings;
    private final SimRandom random;
    private final List<FaultKind> kinds;
    private final int clients;
    private final int names;

    FaultPlan(SimSettings settings, SimRandom random, int clients, int names) {
        this.settings = settings;
        this.random = random;
        this.clients = clients;
        this.names = names;
        this.kinds = kinds(settings.personality());
    }

    private static List<FaultKind> kinds(Personality personality) {
        List<FaultKind> kinds = new ArrayList<>(List.of(
                FaultKind.CUT,
                FaultKind.CUT,
                FaultKind.CUT_REQUESTS,
                FaultKind.CUT_REPLIES,
                FaultKind.CUT_REPLIES,
                FaultKind.SLOW,
                FaultKind.SLOW_REPLIES,
                FaultKind.LOSSY,
                FaultKind.COPIES,
                FaultKind.PAUSE,
                FaultKind.PAUSE,
                FaultKind.CRASH,
                FaultKind.WALL_STEP,
                FaultKind.BREAK_RENEWAL,
                FaultKind.NO_RENEWALS,
                FaultKind.STORE_PAUSE,
                FaultKind.STORE_CRASH,
                FaultKind.FORCE_RELEASE));
        kinds.addAll(
                switch (personality) {
                    case REDIS -> List.of(FaultKind.EVICT, FaultKind.FAIL_OVER, FaultKind.STORE_WALL_STEP);
                    case ZOOKEEPER -> List.of(FaultKind.ELECTION, FaultKind.UNLINK, FaultKind.UNLINK, FaultKind.DROP);
                    case ETCD, CONSUL -> List.of(FaultKind.ELECTION, FaultKind.DEPOSE, FaultKind.DEPOSE);
                });
        return kinds;
    }

    /** The faults from the first minute to the last but some: a run ends in calm. */
    List<Fault> faults(long horizon) {
        List<Fault> faults = new ArrayList<>();
        if (random.chance(0.15)) {
            return faults;
        }
        boolean mayBreakLeases = random.chance(0.5);
        long calm = Math.max(2 * MINUTE, 4 * settings.takeover());
        long at = random.between(20, 60) * SimSettings.SECOND;
        while (at + calm + 2 * MINUTE < horizon) {
            long storm = random.between(30, 180) * SimSettings.SECOND;
            int count = 1 + random.below(6);
            for (int i = 0; i < count; i++) {
                Fault f = fault(random.pick(kinds), at + random.between(0, storm));
                if (mayBreakLeases || !f.kind().breaksTheLease()) {
                    faults.add(f);
                }
            }
            long end = faults.stream().mapToLong(Fault::end).max().orElse(at);
            at = Math.max(end, at + storm) + calm + random.between(0, MINUTE);
        }
        faults.removeIf(f -> f.end() + calm > horizon);
        faults.sort(Comparator.comparingLong(Fault::at));
        return faults;
    }

    private long step() {
        return random.between(0, 120_000) - 60_000;
    }

    private Fault fault(FaultKind kind, long at) {
        int target =
                switch (kind.scope()) {
                    case CLIENT -> random.below(clients);
                    case NAME -> random.below(names);
                    case FOLLOWER -> 1 + random.below(2);
                    case STORE -> 0;
                };
        long lease = settings.lease();
        long shortly = random.between(SimSettings.MILLI, SimSettings.SECOND);
        // A short one, one of about a lease, where the races are, or a long one.
        long duration =
                switch (random.below(3)) {
                    case 0 -> shortly;
                    case 1 -> random.between(lease / 2, lease * 3 / 2);
                    default -> random.between(lease, 6 * lease);
                };
        return switch (kind) {
            case WALL_STEP -> new Fault(kind, at, 1, target, step());
            case STORE_WALL_STEP -> {
                long step = step();
                // A step back prolongs every lease by as much.
                yield new Fault(kind, at, Math.abs(step) * SimSettings.MILLI, target, step);
            }
            case BREAK_RENEWAL, FORCE_RELEASE, EVICT -> new Fault(kind, at, 1, target, 0);
            case FAIL_OVER -> new Fault(kind, at, random.between(0, 3 * SimSettings.SECOND), target, shortly);
            case SLOW, SLOW_REPLIES -> new Fault(kind, at, duration, target, random.chance(0.5) ? shortly : lease);
            case DEPOSE -> new Fault(kind, at, lease + duration, target, random.between(SimSettings.SECOND, lease));
            case UNLINK -> new Fault(kind, at, lease + duration, target, random.between(lease / 2, lease + duration));
            case ELECTION ->
                new Fault(kind, at, random.between(SimSettings.SECOND, 16 * SimSettings.SECOND), target, 0);
            default -> new Fault(kind, at, duration, target, 0);
        };
    }
}
