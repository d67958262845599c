// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockTable;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A store without a line, in this JVM: who waits for a row polls. Thread-safe. */
class Rows implements LockTable {
    private static final Capabilities CAPABILITIES = Capabilities.of(LeaseScope.GRANT)
            .blocking(true)
            .sharedAcrossProcesses(false)
            .build();

    private final Map<String, Row> rows = new HashMap<>();
    private final Set<String> spent = new HashSet<>();
    private long lastToken;

    private record Row(String holder, String label, long token, long expiry) {}

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public String store() {
        return "rows:test";
    }

    @Override
    public synchronized OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
        Row row = held(name);
        if (spent.contains(holderId) || (row != null && !row.holder().equals(holderId))) {
            return OptionalLong.empty();
        }
        long token = row == null ? ++lastToken : row.token();
        rows.put(name, new Row(holderId, label, token, System.nanoTime() + lease.toNanos()));
        return OptionalLong.of(token);
    }

    @Override
    public synchronized boolean renew(String name, String holderId, Duration lease) {
        Row row = held(name);
        boolean mine = row != null && row.holder().equals(holderId);
        if (mine) {
            rows.put(name, new Row(holderId, row.label(), row.token(), System.nanoTime() + lease.toNanos()));
        }
        return mine;
    }

    @Override
    public synchronized boolean release(String name, String holderId) {
        spent.add(holderId);
        Row row = held(name);
        return row != null && row.holder().equals(holderId) && rows.remove(name, row);
    }

    @Override
    public synchronized List<StoredLock> inspect(String name) {
        return rows.keySet().stream()
                .filter(key -> (name.isEmpty() || name.equals(key)) && held(key) != null)
                .map(key ->
                        new StoredLock(key, rows.get(key).token(), rows.get(key).label(), 0, 1))
                .toList();
    }

    @Override
    public synchronized ForceOutcome forceRelease(String name, OptionalLong storeToken) {
        Row row = held(name);
        if (row == null) {
            return ForceOutcome.NOT_HELD;
        }
        if (storeToken.isPresent() && storeToken.getAsLong() != row.token()) {
            return ForceOutcome.MOVED_ON;
        }
        rows.remove(name);
        return ForceOutcome.RELEASED;
    }

    @Override
    public void close() {}

    private @Nullable Row held(String name) {
        Row row = rows.get(name);
        return row != null && row.expiry() - System.nanoTime() > 0 ? row : null;
    }
}
