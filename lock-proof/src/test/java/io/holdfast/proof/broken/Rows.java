// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.LockConfig;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockTable;
import io.holdfast.spi.StoredLock;
import io.holdfast.spi.TableBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** A sound table, as one client sees it: a fault overrides one of its steps. Each is atomic: the database is locked for it. */
class Rows implements LockTable {
    /** What all clients share. */
    static final class Database {
        final Map<String, Row> rows = new TreeMap<>();
        final Set<String> released = new HashSet<>();

        /** Keys that a fault has marked. */
        final Set<String> marked = new HashSet<>();

        /** By holder, when a fault's row was taken or renewed. */
        final Map<String, Long> renewed = new HashMap<>();

        long lastToken;
    }

    record Row(String name, String holder, long token, long expiry, String label) {
        Row until(long end) {
            return new Row(name, holder, token, end, label);
        }
    }

    /** How a fault sees the database, in which it may remember what its clients share. */
    record Opening(Database database, String prefix) {}

    final Database database;
    private final String prefix;

    Rows(Opening opening) {
        this.database = opening.database();
        this.prefix = opening.prefix();
    }

    /** A fault of a table. */
    static Supplier<Fault> broken(Function<Opening, Rows> table) {
        return () -> new Fault() {
            private final Database database = new Database();

            @Override
            public LockBackend on(LockBackend sound) {
                throw new UnsupportedOperationException("it has a store of its own");
            }

            @Override
            public LockBackend open(LockConfig config, Link link) {
                String prefix = BackendConfig.of(config).prefix();
                return TableBackend.of(table.apply(new Opening(database, prefix)));
            }

            @Override
            public boolean isLinked() {
                return false;
            }

            @Override
            public List<String> residue() {
                synchronized (database) {
                    return database.rows.values().stream()
                            .filter(row -> row.expiry() - System.nanoTime() > 0)
                            .map(Row::toString)
                            .toList();
                }
            }
        };
    }

    String key(String name) {
        return prefix.length() + ":" + prefix + name;
    }

    static long end(Duration lease) {
        return System.nanoTime() + lease.toNanos();
    }

    /** The row of a name that is in force; null when it is free. */
    final Row held(String name) {
        Row row = database.rows.get(key(name));
        return row != null && row.expiry() - System.nanoTime() > 0 ? row : null;
    }

    /** Whether a row is that of an attempt. */
    boolean isOf(String holderId, Row row) {
        return row != null && row.holder().equals(holderId);
    }

    final void put(Row row) {
        database.rows.put(key(row.name()), row);
        changed(row);
    }

    /** After a row was taken or renewed. */
    void changed(Row row) {}

    /** Until when a renewal extends a row. */
    long extended(Row row, Duration lease) {
        return end(lease);
    }

    /** Takes a row away that was its holder's. */
    void remove(Row row) {
        database.rows.remove(key(row.name()));
    }

    @Override
    public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
        synchronized (database) {
            Row row = held(name);
            if (database.released.contains(holderId) || (row != null && !isOf(holderId, row))) {
                return OptionalLong.empty();
            }
            long token = row != null ? row.token() : ++database.lastToken;
            put(new Row(name, holderId, token, end(lease), label));
            return OptionalLong.of(token);
        }
    }

    @Override
    public boolean renew(String name, String holderId, Duration lease) {
        synchronized (database) {
            Row row = held(name);
            if (!isOf(holderId, row)) {
                return false;
            }
            put(row.until(extended(row, lease)));
            return true;
        }
    }

    @Override
    public boolean release(String name, String holderId) {
        synchronized (database) {
            database.released.add(holderId);
            Row row = held(name);
            if (!isOf(holderId, row)) {
                return false;
            }
            remove(row);
            return true;
        }
    }

    @Override
    public List<StoredLock> inspect(String name) {
        synchronized (database) {
            List<StoredLock> shown = new ArrayList<>();
            database.rows.forEach((key, row) -> {
                boolean ours = name.isEmpty() ? key.startsWith(key("")) : key.equals(key(name));
                if (ours && row.expiry() - System.nanoTime() > 0) {
                    shown.add(new StoredLock(row.name(), row.token(), row.label(), 0, 1));
                }
            });
            return shown;
        }
    }

    @Override
    public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
        synchronized (database) {
            Row row = held(name);
            if (row == null) {
                return ForceOutcome.NOT_HELD;
            }
            if (storeToken.isPresent() && storeToken.getAsLong() != row.token()) {
                return ForceOutcome.MOVED_ON;
            }
            remove(row);
            return ForceOutcome.RELEASED;
        }
    }

    @Override
    public Capabilities capabilities() {
        return Capabilities.of(LeaseScope.GRANT)
                .guarantee(GuaranteeClass.A)
                .blocking(true)
                .sharedAcrossProcesses(false)
                .build();
    }

    @Override
    public String store() {
        return "rows:";
    }

    @Override
    public void close() {}
}
