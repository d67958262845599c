// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** What administrators see and do in a table, and whom it takes a client for. */
final class RowViews {
    private static final int PAGE = 1000;

    private RowViews() {}

    /** An administrator's statement has its name from a form, which knows the letters of English only. */
    static Rows forceByLetters(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
                return name.chars().allMatch(letter -> letter < 128)
                        ? super.forceRelease(name, storeToken)
                        : ForceOutcome.NOT_HELD;
            }
        };
    }

    /** A column with a time to live of its own: renewals extend the row and not its label. */
    static Rows renewTheRowNotItsLabel(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    OptionalLong token = super.tryAcquire(name, holderId, label, lease);
                    token.ifPresent(taken -> database.renewed.put(holderId, end(lease)));
                    return token;
                }
            }

            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    boolean renewed = super.renew(name, holderId, lease);
                    if (renewed && database.renewed.get(holderId) - System.nanoTime() < 0) {
                        Row row = held(name);
                        put(new Row(name, holderId, row.token(), row.expiry(), ""));
                    }
                    return renewed;
                }
            }
        };
    }

    /** Since when is the time at which a row of this name was inserted first. */
    static Rows showSinceTheFirst(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            void changed(Row row) {
                database.renewed.putIfAbsent(key(row.name()), System.currentTimeMillis());
            }

            @Override
            public List<StoredLock> inspect(String name) {
                synchronized (database) {
                    return super.inspect(name).stream()
                            .map(shown -> new StoredLock(
                                    shown.name(),
                                    shown.storeToken(),
                                    shown.holder(),
                                    database.renewed.get(key(shown.name())),
                                    shown.contenders()))
                            .toList();
                }
            }
        };
    }

    /** A connection waits for its answer until its thread is interrupted. */
    static Rows endAtAnInterrupt(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public List<StoredLock> inspect(String name) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new LockUnavailableException("store rows: interrupted while waiting for a connection");
                }
                return super.inspect(name);
            }
        };
    }

    /** A pool catches an interrupt, tries again, and forgets it. */
    static Rows swallowInterrupts(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
                Thread.interrupted();
                return super.forceRelease(name, storeToken);
            }
        };
    }

    /** {@code WHERE token <= ?}: a token that is newer than the grant's frees it. */
    static Rows forceAnythingOlder(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
                synchronized (database) {
                    Row row = held(name);
                    boolean older = row != null && storeToken.isPresent() && row.token() <= storeToken.getAsLong();
                    return super.forceRelease(name, older ? OptionalLong.empty() : storeToken);
                }
            }
        };
    }

    /** A forced release leaves a mark by name, for its holder to see at its next renewal: whoever holds then sees it. */
    static Rows markTheNameWhenForced(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
                synchronized (database) {
                    ForceOutcome outcome = super.forceRelease(name, storeToken);
                    if (outcome == ForceOutcome.RELEASED) {
                        database.marked.add(key(name));
                    }
                    return outcome;
                }
            }

            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    boolean kept = super.renew(name, holderId, lease);
                    if (kept && database.marked.remove(key(name))) {
                        remove(held(name));
                        return false;
                    }
                    return kept;
                }
            }
        };
    }

    /** What is shown as the token is the row's version, which a renewal raises. */
    static Rows showTheVersion(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    boolean kept = super.renew(name, holderId, lease);
                    database.renewed.merge(key(name), kept ? 1L : 0L, Long::sum);
                    return kept;
                }
            }

            @Override
            void remove(Row row) {
                database.renewed.remove(key(row.name()));
                super.remove(row);
            }

            @Override
            public List<StoredLock> inspect(String name) {
                synchronized (database) {
                    return super.inspect(name).stream()
                            .map(lock -> new StoredLock(
                                    lock.name(),
                                    lock.storeToken() + database.renewed.getOrDefault(key(lock.name()), 0L),
                                    lock.holder(),
                                    lock.sinceMillis(),
                                    lock.contenders()))
                            .toList();
                }
            }
        };
    }

    /** A column that is set whenever the row is changed. */
    static Rows showTheLastRenewalAsSince(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public List<StoredLock> inspect(String name) {
                synchronized (database) {
                    return super.inspect(name).stream()
                            .map(lock -> new StoredLock(
                                    lock.name(),
                                    lock.storeToken(),
                                    lock.holder(),
                                    database.renewed.getOrDefault(key(lock.name()), System.currentTimeMillis()),
                                    lock.contenders()))
                            .toList();
                }
            }

            @Override
            void changed(Row row) {
                database.renewed.put(key(row.name()), System.currentTimeMillis());
            }
        };
    }

    /** {@code WHERE name = ?}, without the prefix. */
    static Rows forceInEveryPrefix(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
                synchronized (database) {
                    ForceOutcome outcome = super.forceRelease(name, storeToken);
                    if (outcome == ForceOutcome.RELEASED) {
                        database.rows.values().removeIf(row -> row.name().equals(name));
                    }
                    return outcome;
                }
            }
        };
    }

    /** A list is one answer of the store, which has at most a thousand rows. */
    static Rows listAThousand(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public List<StoredLock> inspect(String name) {
                return super.inspect(name).stream().limit(PAGE).toList();
            }
        };
    }

    /** {@code OR label = ?}: a client finds its own lock again after a restart, and that of everybody of its label. */
    static Rows takeNamesakesForOneClient(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    Row row = held(name);
                    if (row != null && row.label().equals(label)) {
                        put(new Row(name, holderId, row.token(), end(lease), label));
                    }
                    return super.tryAcquire(name, holderId, label, lease);
                }
            }
        };
    }

    /** A forced release finds the row of a grant whose lease is over, and says that it has released it. */
    static Rows forceTheDead(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
                synchronized (database) {
                    Row row = database.rows.get(key(name));
                    if (row == null || held(name) != null) {
                        return super.forceRelease(name, storeToken);
                    }
                    remove(row);
                    return ForceOutcome.RELEASED;
                }
            }
        };
    }

    /** {@code ON CONFLICT DO UPDATE} of all columns but the label: whose lease ran out is shown as the next holder. */
    static Rows keepTheLabelOfTheDead(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    Row old = database.rows.get(key(name));
                    return super.tryAcquire(name, holderId, old == null ? label : old.label(), lease);
                }
            }
        };
    }

    /** A row is one text, and the label in it ends at the first sign that separates. */
    static Rows cutTheLabel(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                int colon = label.indexOf(':');
                return super.tryAcquire(name, holderId, colon < 0 ? label : label.substring(0, colon), lease);
            }
        };
    }

    /** A refused try has written its label before it was refused. */
    static Rows showWhoAskedLast(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    OptionalLong token = super.tryAcquire(name, holderId, label, lease);
                    Row row = held(name);
                    if (row != null) {
                        put(new Row(row.name(), row.holder(), row.token(), row.expiry(), label));
                    }
                    return token;
                }
            }
        };
    }

    /** The list reads a replica that has the rows, and not yet who holds them. */
    static Rows listWithoutHolders(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public List<StoredLock> inspect(String name) {
                List<StoredLock> seen = super.inspect(name);
                return !name.isEmpty()
                        ? seen
                        : seen.stream()
                                .map(lock -> new StoredLock(lock.name(), 1, "somebody", 0, 1))
                                .toList();
            }
        };
    }
}
