// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** Renewals of a table that do more, or less, than to set the end of the holder's own rows to one lease from now. */
final class RowRenewals {
    private static final int WORN_OUT_AFTER = 10;
    private static final int BATCH = 16;
    private static final int TRANSACTION = 100;
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private static final int PARAMETERS = 1000;

    private RowRenewals() {}

    /** A statement takes a thousand parameters; who has more holds is told of an error, each time. */
    static Rows takeAThousand(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public Map<String, Boolean> renewAll(Map<String, String> names, Duration lease) {
                if (names.size() > PARAMETERS) {
                    throw new IllegalStateException("maximum number of expressions in a list is " + PARAMETERS);
                }
                return super.renewAll(names, lease);
            }
        };
    }

    /** A transaction that read the row before another client took it cannot be serialized, and that is told as an outage. */
    static Rows failWhereAnotherHolds(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    Row row = held(name);
                    if (row != null && !isOf(holderId, row)) {
                        throw new LockUnavailableException("store rows: could not serialize access, try again");
                    }
                    return super.renew(name, holderId, lease);
                }
            }
        };
    }

    /** {@code SET expiry = expiry + lease}: a holder that renewed often and died keeps its lock for as many leases. */
    static Rows addUp(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            long extended(Row row, Duration lease) {
                return row.expiry() + lease.toNanos();
            }
        };
    }

    /** The lease is multiplied where it should be added, in the wrong unit: half of it arrives. */
    static Rows extendByHalf(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            long extended(Row row, Duration lease) {
                return Math.max(row.expiry(), end(lease.dividedBy(2)));
            }
        };
    }

    /** A maximum of renewals, as against forgotten locks: the ones beyond it say yes and change nothing. */
    static Rows wearOut(Rows.Opening opening) {
        return new Rows(opening) {
            private final Map<String, Integer> renewals = new HashMap<>();

            @Override
            long extended(Row row, Duration lease) {
                int times = renewals.merge(row.holder(), 1, Integer::sum);
                return times > WORN_OUT_AFTER ? row.expiry() : super.extended(row, lease);
            }
        };
    }

    /** One statement renews as many rows as it has room for; the others are taken for renewed. */
    static Rows reachTheFirstOnly(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public Map<String, Boolean> renewAll(Map<String, String> names, Duration lease) {
                Map<String, Boolean> renewed = new HashMap<>();
                names.forEach(
                        (holder, name) -> renewed.put(holder, renewed.size() >= BATCH || renew(name, holder, lease)));
                return renewed;
            }
        };
    }

    /** A transaction takes a hundred items: the others are taken for renewed. */
    static Rows reachAHundred(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public Map<String, Boolean> renewAll(Map<String, String> names, Duration lease) {
                Map<String, Boolean> renewed = new HashMap<>();
                names.forEach((holder, name) ->
                        renewed.put(holder, renewed.size() >= TRANSACTION || renew(name, holder, lease)));
                return renewed;
            }
        };
    }

    /** No lease is longer than what the store's own limit says, whatever was asked for. */
    static Rows neverExtendBeyondALimit(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            long extended(Row row, Duration lease) {
                return end(lease.compareTo(LIMIT) > 0 ? LIMIT : lease);
            }
        };
    }

    /** The same for the first lease. */
    static Rows beginWithinALimit(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                return super.tryAcquire(name, holderId, label, lease.compareTo(LIMIT) > 0 ? LIMIT : lease);
            }
        };
    }

    /** A column of whole seconds, rounded up. */
    static Rows countWholeSeconds(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public Capabilities capabilities() {
                return Capabilities.of(LeaseScope.GRANT)
                        .blocking(true)
                        .sharedAcrossProcesses(false)
                        .takeover(1, Duration.ofMillis(300))
                        .build();
            }

            private Duration whole(Duration lease) {
                return Duration.ofSeconds(lease.plusSeconds(1).minusNanos(1).toSeconds());
            }

            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                return super.tryAcquire(name, holderId, label, whole(lease));
            }

            @Override
            long extended(Row row, Duration lease) {
                return end(whole(lease));
            }
        };
    }

    /** An upsert: what is not there is made, and the number of rows that were changed is not looked at. */
    static Rows makeWhatIsGone(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    boolean kept = super.renew(name, holderId, lease);
                    if (held(name) == null) {
                        put(new Row(name, holderId, ++database.lastToken, end(lease), ""));
                    }
                    return kept;
                }
            }
        };
    }

    /** Whose renewal found its row gone is renewed no more, under any holder id. */
    static Rows stopAtTheFirstLossOfAName(Rows.Opening opening) {
        return new Rows(opening) {
            private final Set<String> lost = new HashSet<>();

            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    if (lost.contains(name)) {
                        return isOf(holderId, held(name));
                    }
                    boolean kept = super.renew(name, holderId, lease);
                    if (!kept) {
                        lost.add(name);
                    }
                    return kept;
                }
            }
        };
    }

    /** {@code WHERE label = ?}: what one client renews keeps the rows of another one of that name, which is dead. */
    static Rows goByTheLabel(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    Row own = held(name);
                    boolean renewed = super.renew(name, holderId, lease);
                    if (renewed) {
                        database.rows.values().stream()
                                .filter(row -> row.label().equals(own.label()) && row.expiry() - System.nanoTime() > 0)
                                .toList()
                                .forEach(row -> put(row.until(end(lease))));
                    }
                    return renewed;
                }
            }
        };
    }

    /** The first row that is gone ends the loop over a client's rows. */
    static Rows endWithTheFirstLoss(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public Map<String, Boolean> renewAll(Map<String, String> names, Duration lease) {
                Map<String, Boolean> renewed = new HashMap<>();
                for (Map.Entry<String, String> row : names.entrySet()) {
                    boolean kept = renew(row.getValue(), row.getKey(), lease);
                    renewed.put(row.getKey(), kept);
                    if (!kept) {
                        break;
                    }
                }
                return renewed;
            }
        };
    }

    /** {@code WHERE name LIKE ? || '%'}: of another client's locks too, that begin with the name. */
    static Rows keepWhatBeginsWithTheName(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    boolean kept = super.renew(name, holderId, lease);
                    if (kept) {
                        database.rows.replaceAll(
                                (key, row) -> key.startsWith(key(name)) && row.expiry() - System.nanoTime() > 0
                                        ? row.until(end(lease))
                                        : row);
                    }
                    return kept;
                }
            }
        };
    }

    /** A row whose lease is over, and that nobody has taken yet, is renewed. */
    static Rows wakeTheDead(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    Row row = database.rows.get(key(name));
                    if (isOf(holderId, row)) {
                        put(row.until(end(lease)));
                    }
                    return isOf(holderId, row);
                }
            }
        };
    }

    /** The lease is cut to what a column of a coarser type takes when the row is made; renewals are not. */
    static Rows comeLate(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                return super.tryAcquire(
                        name, holderId, label, lease.multipliedBy(2).dividedBy(3));
            }
        };
    }

    /** Microseconds are counted in 32 bits: enough for half an hour. */
    static Rows countMicroseconds(Rows.Opening opening) {
        return new Rows(opening) {
            private Duration counted(Duration lease) {
                return Duration.ofNanos(1000L * (int) (lease.toNanos() / 1000));
            }

            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                return super.tryAcquire(name, holderId, label, counted(lease));
            }

            @Override
            long extended(Row row, Duration lease) {
                return super.extended(row, counted(lease));
            }
        };
    }
}
