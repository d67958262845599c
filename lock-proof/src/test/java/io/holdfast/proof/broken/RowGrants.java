// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** Tables that give a row to who should not have it, or with the wrong token, or refuse it with an error. */
final class RowGrants {
    private static final long INSERT_NANOS = 50_000;
    private static final int REMEMBERED = 16;
    private static final int COLUMN = 64;

    private RowGrants() {}

    /** The number of its holders: who comes back is no new one. */
    static Rows countHoldersNotGrants(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            void remove(Row row) {
                put(row.until(System.nanoTime())); // the row stays, with its number
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
                    long before = last == null ? 0 : last.token();
                    long token = last != null && last.label().equals(label) ? before : before + 1;
                    put(new Row(name, holderId, token, held(name).expiry(), label));
                    return OptionalLong.of(token);
                }
            }
        };
    }

    /** The time of day, by a clock that ticks so slowly that a busy machine meets one tick twice, too. */
    static Rows takeTheTimeForAToken(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    boolean held = held(name) != null;
                    OptionalLong taken = super.tryAcquire(name, holderId, label, lease);
                    if (taken.isEmpty() || held) {
                        return taken;
                    }
                    long token = System.currentTimeMillis() / 64 * 64;
                    put(new Row(name, holderId, token, held(name).expiry(), label));
                    return OptionalLong.of(token);
                }
            }
        };
    }

    /** An insert that meets another one fails, and nobody takes that for "busy". */
    static Rows failWhenTheyMeet(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    if (!database.marked.add(key(name))) {
                        throw new IllegalStateException("duplicate key");
                    }
                }
                LockSupport.parkNanos(INSERT_NANOS);
                synchronized (database) {
                    database.marked.remove(key(name));
                    return super.tryAcquire(name, holderId, label, lease);
                }
            }
        };
    }

    /** Of the holders that were released the last few are known. */
    static Rows rememberAFew(Rows.Opening opening) {
        return new Rows(opening) {
            private final Deque<String> last = new ArrayDeque<>();

            @Override
            public boolean release(String name, String holderId) {
                synchronized (database) {
                    last.addLast(holderId);
                    if (last.size() > REMEMBERED) {
                        database.released.remove(last.removeFirst());
                    }
                    return super.release(name, holderId);
                }
            }
        };
    }

    /** What was released is known for a third of a lease. */
    static Rows forgetSoon(Rows.Opening opening) {
        return new Rows(opening) {
            private final Map<String, Long> released = new HashMap<>();

            @Override
            public boolean release(String name, String holderId) {
                synchronized (database) {
                    released.put(holderId, System.nanoTime());
                    return super.release(name, holderId);
                }
            }

            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    Long at = released.get(holderId);
                    if (at != null && System.nanoTime() - at > lease.toNanos() / 3) {
                        database.released.remove(holderId);
                    }
                    return super.tryAcquire(name, holderId, label, lease);
                }
            }
        };
    }

    /** A counter that expires when a name was not taken for two leases, so that none is left for ever. */
    static Rows countAnewAfterAWhile(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    boolean free = held(name) == null;
                    Long until = database.renewed.get(key(name));
                    OptionalLong token = super.tryAcquire(name, holderId, label, lease);
                    if (token.isEmpty() || !free) {
                        return token;
                    }
                    long number = until == null || until - System.nanoTime() < 0
                            ? 1
                            : database.renewed.get("last " + key(name)) + 1;
                    database.renewed.put("last " + key(name), number);
                    database.renewed.put(key(name), end(lease.multipliedBy(2)));
                    Row row = held(name);
                    put(new Row(name, holderId, number, row.expiry(), label));
                    return OptionalLong.of(number);
                }
            }
        };
    }

    /** A counter that goes on from the greatest number in the table, which is found when somebody opens it. */
    static Rows countAnewOnAnEmptyTable(Rows.Opening opening) {
        synchronized (opening.database()) {
            if (opening.database().rows.values().stream().noneMatch(row -> row.expiry() - System.nanoTime() > 0)) {
                opening.database().lastToken = 0;
            }
        }
        return new Rows(opening);
    }

    /** Whoever asks for a row that is held is refused, who holds it, too: an insert that meets its own row. */
    static Rows refuseTheHolder(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    return held(name) == null ? super.tryAcquire(name, holderId, label, lease) : OptionalLong.empty();
                }
            }
        };
    }

    /** A label has a column that is too narrow for it. */
    static Rows refuseLongLabels(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                if (label.length() > COLUMN) {
                    throw new LockUnavailableException("value too long for column 'label'");
                }
                return super.tryAcquire(name, holderId, label, lease);
            }
        };
    }

    /** The row has the time of its last renewal, and who comes goes by its own lease. */
    static Rows judgeByTheTakersLease(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    Row row = held(name);
                    Long renewed = row == null ? null : database.renewed.get(row.holder());
                    if (renewed != null && System.nanoTime() - renewed > lease.toNanos()) {
                        remove(row);
                    }
                    OptionalLong taken = super.tryAcquire(name, holderId, label, lease);
                    database.renewed.put(holderId, System.nanoTime());
                    return taken;
                }
            }

            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    database.renewed.put(holderId, System.nanoTime());
                    return super.renew(name, holderId, lease);
                }
            }
        };
    }

    /** Who was given up is written down by the statement that frees its row, and is not where there is none. */
    static Rows rememberWhatTheyFreed(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean release(String name, String holderId) {
                synchronized (database) {
                    boolean freed = super.release(name, holderId);
                    if (!freed) {
                        database.released.remove(holderId);
                    }
                    return freed;
                }
            }
        };
    }

    /** The lock is the connection's, as an advisory lock of a database is, and a connection is one thread's. */
    static Rows belongToAThread(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    Row row = held(name);
                    long own = Thread.currentThread().getId();
                    if (row != null && !isOf(holderId, row) && database.renewed.get(row.holder()) == own) {
                        database.rows.remove(key(name));
                    }
                    OptionalLong token = super.tryAcquire(name, holderId, label, lease);
                    token.ifPresent(taken -> database.renewed.put(holderId, own));
                    return token;
                }
            }
        };
    }

    /** Each client has a local lock for every name, and parts with none. */
    static Rows keepALocalLockForEachName(Rows.Opening opening) {
        Map<String, byte[]> local = new ConcurrentHashMap<>();
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                local.computeIfAbsent(name, made -> new byte[4096]);
                return super.tryAcquire(name, holderId, label, lease);
            }
        };
    }
}
