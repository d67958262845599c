// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import java.time.Duration;
import java.util.OptionalLong;

/** Tables that are swept of what is old, and what is old is judged wrongly; and rows that are taken over with what is in them. */
final class RowJanitors {
    private RowJanitors() {}

    /** A table whose rows stay, with their numbers. */
    private static class Numbered extends Rows {
        Numbered(Opening opening) {
            super(opening);
        }

        @Override
        void remove(Row row) {
            put(row.until(System.nanoTime()));
        }

        long next(Row last) {
            return last == null ? 1 : last.token() + 1;
        }

        @Override
        public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
            synchronized (database) {
                Row last = database.rows.get(key(name));
                boolean held = held(name) != null;
                OptionalLong taken = super.tryAcquire(name, holderId, label, lease);
                if (taken.isEmpty() || held) {
                    return taken;
                }
                long token = next(last);
                put(new Row(name, holderId, token, held(name).expiry(), label));
                return OptionalLong.of(token);
            }
        }
    }

    /** A release leaves the number; a sweep of holders who died does not, once they are dead for a lease. */
    static Rows sweepTheExpired(Rows.Opening opening) {
        return new Numbered(opening) {
            @Override
            void changed(Row row) {
                database.renewed.putIfAbsent(row.holder(), row.expiry() - System.nanoTime());
            }

            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    long now = System.nanoTime();
                    database.rows
                            .values()
                            .removeIf(row -> !database.released.contains(row.holder())
                                    && now - row.expiry() > database.renewed.getOrDefault(row.holder(), now));
                    return super.tryAcquire(name, holderId, label, lease);
                }
            }
        };
    }

    /** The row of an expired holder is taken over as it is, with its number. */
    static Rows takeOverWithTheNumber(Rows.Opening opening) {
        return new Numbered(opening) {
            @Override
            long next(Row last) {
                boolean expired = last != null && !database.released.contains(last.holder());
                return expired ? last.token() : super.next(last);
            }

            @Override
            public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
                synchronized (database) {
                    Row row = held(name);
                    ForceOutcome outcome = super.forceRelease(name, storeToken);
                    if (outcome == ForceOutcome.RELEASED) {
                        database.released.add(row.holder());
                    }
                    return outcome;
                }
            }
        };
    }

    /** A sweep goes by when a row was taken, and not by its renewals: after three leases it is old. */
    static Rows sweepWhatWasTakenLongAgo(Rows.Opening opening) {
        return new Rows(opening) {
            private static final int OLD = 3;

            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    long now = System.nanoTime();
                    database.rows.values().removeIf(row -> database.renewed.getOrDefault(row.holder(), now) - now < 0);
                    OptionalLong token = super.tryAcquire(name, holderId, label, lease);
                    if (token.isPresent()) {
                        database.renewed.putIfAbsent(holderId, end(lease.multipliedBy(OLD)));
                    }
                    return token;
                }
            }
        };
    }
}
