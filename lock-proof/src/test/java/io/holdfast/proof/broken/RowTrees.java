// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/** Tables in which names are a tree: what is below a name goes with it. */
final class RowTrees {
    private RowTrees() {}

    private abstract static class Tree extends Rows {
        private final String separator;

        Tree(Opening opening, String separator) {
            super(opening);
            this.separator = separator;
        }

        /** Those in force below a name. */
        final Stream<Row> below(String name) {
            String key = key(name) + separator;
            return List.copyOf(database.rows.entrySet()).stream()
                    .filter(row ->
                            row.getKey().startsWith(key) && row.getValue().expiry() - System.nanoTime() > 0)
                    .map(row -> row.getValue());
        }

        /** Those in force above a name. */
        final Stream<Row> above(String name) {
            String key = key(name);
            return List.copyOf(database.rows.entrySet()).stream()
                    .filter(row -> key.startsWith(row.getKey() + separator)
                            && row.getValue().expiry() - System.nanoTime() > 0)
                    .map(row -> row.getValue());
        }
    }

    /** A lock is refused while another client has one below it. */
    static Function<Rows.Opening, Rows> refuseWhatHasHeldChildren(String separator) {
        return opening -> new Tree(opening, separator) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    return below(name).anyMatch(row -> !row.label().equals(label))
                            ? OptionalLong.empty()
                            : super.tryAcquire(name, holderId, label, lease);
                }
            }
        };
    }

    /** A lock is refused while another client has one above it. */
    static Function<Rows.Opening, Rows> refuseBelowWhatIsHeld(String separator) {
        return opening -> new Tree(opening, separator) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    return above(name).anyMatch(row -> !row.label().equals(label))
                            ? OptionalLong.empty()
                            : super.tryAcquire(name, holderId, label, lease);
                }
            }
        };
    }

    /** A release frees what the same client has below. */
    static Function<Rows.Opening, Rows> releaseWhatIsBelow(String separator) {
        return opening -> new Tree(opening, separator) {
            @Override
            public boolean release(String name, String holderId) {
                synchronized (database) {
                    Row row = held(name);
                    boolean freed = super.release(name, holderId);
                    if (freed) {
                        below(name)
                                .filter(child -> child.label().equals(row.label()))
                                .forEach(this::remove);
                    }
                    return freed;
                }
            }
        };
    }

    /** A forced release frees what is below. */
    static Function<Rows.Opening, Rows> forceWhatIsBelow(String separator) {
        return opening -> new Tree(opening, separator) {
            @Override
            public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
                synchronized (database) {
                    ForceOutcome outcome = super.forceRelease(name, storeToken);
                    if (outcome == ForceOutcome.RELEASED) {
                        below(name).forEach(this::remove);
                    }
                    return outcome;
                }
            }
        };
    }

    /** A renewal keeps what is below, whoever has it. */
    static Function<Rows.Opening, Rows> renewWhatIsBelow(String separator) {
        return opening -> new Tree(opening, separator) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    boolean kept = super.renew(name, holderId, lease);
                    if (kept) {
                        below(name).forEach(row -> put(row.until(end(lease))));
                    }
                    return kept;
                }
            }
        };
    }

    /** A renewal keeps what is above, whoever has it. */
    static Function<Rows.Opening, Rows> renewWhatIsAbove(String separator) {
        return opening -> new Tree(opening, separator) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    boolean kept = super.renew(name, holderId, lease);
                    if (kept) {
                        above(name).forEach(row -> put(row.until(end(lease))));
                    }
                    return kept;
                }
            }
        };
    }

    /** A free name is shown as held when something below it is. */
    static Function<Rows.Opening, Rows> lookBelow(String separator) {
        return opening -> new Tree(opening, separator) {
            @Override
            public List<StoredLock> inspect(String name) {
                synchronized (database) {
                    List<StoredLock> own = super.inspect(name);
                    return name.isEmpty() || !own.isEmpty()
                            ? own
                            : below(name)
                                    .map(row -> new StoredLock(name, row.token(), row.label(), 0, 1))
                                    .toList();
                }
            }
        };
    }
}
