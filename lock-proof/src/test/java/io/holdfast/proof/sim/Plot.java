// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The kinds of scenario: whatever the seed brings, and those that go straight for a race that is rare otherwise. */
enum Plot {
    /** Two to four processes with a few workers, one to three names, storms of faults and calm between. */
    RANDOM {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            int clients = 2 + random.below(3);
            int names = 1 + random.below(3);
            // One in four is long and quiet: holds are kept for hours.
            boolean quiet = random.chance(0.25);
            boolean busy = !quiet && random.chance(0.3);
            long horizon = random.between(quiet ? 90 : 15, quiet ? 240 : 60) * MINUTE;
            long pause = (quiet ? 60 : busy ? 1 : 8) * SimSettings.SECOND;
            Workload workload =
                    new Workload(NAMES.subList(0, names), pause, 50 * SimSettings.MILLI, Workload.Habit.VARIES);
            SimSettings settings = SimSettings.of(personality);
            List<Fault> faults = new FaultPlan(settings, random.fork(1), clients, names).faults(horizon);
            return new Scenario(
                    early(settings, faults, random),
                    clients,
                    1 + random.below(3),
                    workload,
                    horizon,
                    faults,
                    rates(random, clients));
        }
    },

    /** No fault at all, many waiters: nothing may be lost, and a free lock is had at once. */
    STEADY {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            Workload workload = new Workload(
                    NAMES.subList(0, 2), SimSettings.SECOND, 20 * SimSettings.MILLI, Workload.Habit.VARIES);
            return directed(personality, workload, List.of(), random);
        }
    },

    /** No fault at all, and most acquisitions are cancelled, many of them at the very moment of their grant. */
    CANCELS {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            Workload workload = new Workload(
                    NAMES.subList(0, 1), 300 * SimSettings.MILLI, 2 * SimSettings.MILLI, Workload.Habit.CANCELS);
            Scenario s = directed(personality, workload, List.of(), random);
            return new Scenario(s.settings(), CLIENTS, 2, workload, 2 * MINUTE, List.of(), s.ratesPpm());
        }
    },

    /** No fault at all, and tries and waits of one process that come within the time of a request. */
    TRIES {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            Workload workload = new Workload(
                    NAMES.subList(0, 1), 20 * SimSettings.MILLI, 2 * SimSettings.SECOND, Workload.Habit.TRIES);
            Scenario s = directed(personality, workload, List.of(), random);
            return new Scenario(s.settings(), CLIENTS, 8, workload, MINUTE, List.of(), s.ratesPpm());
        }
    },

    /** No fault, and many workers of each process in line for one name. */
    CROWD {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            Workload workload = new Workload(
                    NAMES.subList(0, 1), 20 * SimSettings.MILLI, 2 * SimSettings.MILLI, Workload.Habit.WAITS);
            Scenario s = directed(personality, workload, List.of(), random);
            return new Scenario(s.settings(), CLIENTS, 30, workload, 5 * SimSettings.SECOND, List.of(), s.ratesPpm());
        }
    },

    /** No fault, and threads that enter several levels deep, share owners, are interrupted, and limit waits and holds. */
    OWNERS {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            Workload workload = new Workload(
                    NAMES.subList(0, 2), 200 * SimSettings.MILLI, 30 * SimSettings.MILLI, Workload.Habit.OWNS);
            Scenario s = directed(personality, workload, List.of(), random);
            return new Scenario(s.settings(), CLIENTS, 5, workload, 2 * MINUTE, List.of(), s.ratesPpm());
        }
    },

    /** Replies take up to a lease, and are waited for; then the client is cut off, as a holder or as a waiter. */
    SLOW_REPLIES {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            SimSettings settings = SimSettings.of(personality);
            long lease = settings.lease();
            List<Fault> faults = new ArrayList<>();
            for (long at = lease; at < SHORT - 10 * lease; at += 10 * lease) {
                int client = random.below(CLIENTS);
                long slow = random.between(lease / 2, lease);
                faults.add(new Fault(FaultKind.SLOW_REPLIES, at, 3 * lease, client, slow));
                faults.add(
                        new Fault(FaultKind.CUT_REQUESTS, at + random.between(lease, 2 * lease), 2 * lease, client, 0));
            }
            Scenario s = directed(personality, holders(lease), faults, random);
            return new Scenario(
                    s.settings().withOperationTimeout(lease),
                    CLIENTS,
                    2,
                    s.workload(),
                    SHORT,
                    s.faults(),
                    s.ratesPpm());
        }
    },

    /** Clients' clocks as slow and the store's as fast as is allowed, a long lease, and holders that are cut off. */
    RATES {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            SimSettings settings = SimSettings.of(personality).withLease(60 * SimSettings.SECOND);
            long lease = settings.lease();
            List<Fault> faults = new ArrayList<>();
            for (long at = lease; at < LONG - 8 * lease; at += 4 * lease) {
                faults.add(
                        new Fault(FaultKind.CUT, at + random.between(0, lease), 2 * lease, random.below(CLIENTS), 0));
            }
            return new Scenario(
                    settings.withExpiryPercent(100),
                    CLIENTS,
                    2,
                    holders(lease),
                    LONG,
                    faults,
                    List.of(-RATE_LIMIT_PPM, -RATE_LIMIT_PPM, -RATE_LIMIT_PPM, RATE_LIMIT_PPM));
        }
    },

    /** Processes that are stopped for about a lease, with replies on their way. */
    PAUSES {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            long lease = SimSettings.of(personality).lease();
            List<Fault> faults = new ArrayList<>();
            for (long at = lease; at < SHORT - 10 * lease; at += 4 * lease) {
                long begin = at + random.between(0, lease);
                int client = random.below(CLIENTS);
                // Half of them so long that the lease passes by what was acknowledged, and not by the reply that waits.
                long stopped = random.chance(0.5)
                        ? random.between(lease * 66 / 100, lease * 98 / 100)
                        : random.between(lease * 6 / 10, lease * 5 / 2);
                faults.add(new Fault(FaultKind.SLOW_REPLIES, begin - lease / 3, lease / 2, client, lease / 3));
                faults.add(new Fault(FaultKind.PAUSE, begin, stopped, client, 0));
            }
            Scenario s = directed(personality, holders(4 * lease), faults, random);
            return new Scenario(
                    s.settings().withOperationTimeout(lease),
                    CLIENTS,
                    2,
                    s.workload(),
                    SHORT,
                    s.faults(),
                    s.ratesPpm());
        }
    },

    /** Renewals fail for a while and all else goes through: what else is acknowledged must not count as one. */
    NO_RENEWALS {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            long lease = SimSettings.of(personality).lease();
            List<Fault> faults = new ArrayList<>();
            for (long at = lease; at < SHORT - 10 * lease; at += 6 * lease) {
                faults.add(new Fault(FaultKind.NO_RENEWALS, at, 3 * lease, random.below(CLIENTS), 0));
            }
            Workload workload =
                    new Workload(NAMES, 500 * SimSettings.MILLI, 300 * SimSettings.MILLI, Workload.Habit.WAITS);
            return directed(personality, workload, faults, random);
        }
    },

    /** Grants that come when most of the lease has gone, while renewals are on their way. */
    SCARCE {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            long lease = SimSettings.of(personality).lease();
            List<Fault> faults = new ArrayList<>();
            for (long at = lease; at < SHORT - 10 * lease; at += 3 * lease) {
                int client = random.below(CLIENTS);
                // The last acknowledged renewals are up to a third of a lease old already.
                long silent = random.between(lease * 40 / 100, lease * 65 / 100);
                faults.add(new Fault(FaultKind.PAUSE, at, silent, client, 0));
                faults.add(new Fault(FaultKind.SLOW_REPLIES, at, silent + lease / 5, client, SimSettings.SECOND));
            }
            Workload workload =
                    new Workload(NAMES, 300 * SimSettings.MILLI, 20 * SimSettings.MILLI, Workload.Habit.WAITS);
            Scenario s = directed(personality, workload, faults, random);
            return new Scenario(s.settings(), CLIENTS, 2, workload, SHORT, s.faults(), s.ratesPpm());
        }
    },

    /** Locks are forced open while answers are slow: the news of it may come before the answer to the contend. */
    FORCED {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            SimSettings settings = SimSettings.of(personality);
            long lease = settings.lease();
            List<Fault> faults = new ArrayList<>();
            for (long at = lease; at < SHORT - 10 * lease; at += 12 * lease) {
                int client = random.below(CLIENTS);
                faults.add(new Fault(FaultKind.SLOW_REPLIES, at, lease, client, settings.operationTimeout()));
                for (int i = 0; i < 8; i++) {
                    faults.add(new Fault(FaultKind.FORCE_RELEASE, at + random.between(0, lease), 1, i % 2, 0));
                }
            }
            return directed(personality, holders(lease / 2), faults, random);
        }
    },

    /** Requests are lost, and arrive again after their undo. */
    COPIES {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            long lease = SimSettings.of(personality).lease();
            List<Fault> faults = new ArrayList<>();
            for (long at = lease; at < SHORT - 10 * lease; at += 6 * lease) {
                for (int client = 0; client < CLIENTS; client++) {
                    faults.add(new Fault(FaultKind.COPIES, at, 4 * lease, client, 0));
                    faults.add(new Fault(FaultKind.LOSSY, at + lease, 2 * lease, client, 0));
                }
            }
            Workload workload = new Workload(NAMES.subList(0, 2), SimSettings.SECOND, lease / 5, Workload.Habit.VARIES);
            return directed(personality, workload, faults, random);
        }
    },

    /** Store clients that throw at renewals, under long holds; nothing else happens. */
    THROWS {
        @Override
        Scenario scenario(Personality personality, SimRandom random) {
            long lease = SimSettings.of(personality).lease();
            List<Fault> faults = new ArrayList<>();
            for (long at = 2 * lease; at < SHORT - 10 * lease; at += 6 * lease) {
                for (int client = 0; client < CLIENTS; client++) {
                    faults.add(new Fault(FaultKind.BREAK_RENEWAL, at + random.between(0, 5 * lease), 1, client, 0));
                }
            }
            return directed(personality, holders(lease), faults, random);
        }
    };

    /** What two clocks of a run may differ by at most: the margin is a hundredth. */
    static final int RATE_LIMIT_PPM = 4_000;

    private static final List<String> NAMES = List.of("stock", "report", "billing");
    private static final int CLIENTS = 3;
    private static final long MINUTE = 60 * SimSettings.SECOND;
    private static final long SHORT = 20 * MINUTE;
    private static final long LONG = 90 * MINUTE;

    abstract Scenario scenario(Personality personality, SimRandom random);

    Scenario scenario(Personality personality, long seed) {
        return scenario(
                personality,
                new SimRandom(seed)
                        .fork(31L * name().hashCode() + personality.name().hashCode()));
    }

    /** Few names, and holds that last about a lease, so that what happens meets a holder and a waiter. */
    private static Workload holders(long lease) {
        return new Workload(NAMES.subList(0, 2), SimSettings.SECOND, lease / 2, Workload.Habit.WAITS);
    }

    private static Scenario directed(Personality personality, Workload workload, List<Fault> faults, SimRandom random) {
        List<Fault> inOrder = new ArrayList<>(faults);
        inOrder.sort(Comparator.comparingLong(Fault::at));
        SimSettings settings = early(SimSettings.of(personality), faults, random);
        return new Scenario(settings, CLIENTS, 2, workload, SHORT, inOrder, rates(random, CLIENTS));
    }

    /** Consul promises one lease and keeps two; only the second one makes up for a deposed leader. */
    private static SimSettings early(SimSettings settings, List<Fault> faults, SimRandom random) {
        boolean deposed = faults.stream().anyMatch(f -> f.kind() == FaultKind.DEPOSE);
        return settings.personality() == Personality.CONSUL && !deposed
                ? settings.withExpiryPercent(100 + random.below(101))
                : settings;
    }

    private static List<Integer> rates(SimRandom random, int clients) {
        List<Integer> rates = new ArrayList<>();
        for (int i = 0; i <= clients; i++) {
            rates.add((int) random.between(0, 2 * RATE_LIMIT_PPM) - RATE_LIMIT_PPM);
        }
        return List.copyOf(rates);
    }
}
