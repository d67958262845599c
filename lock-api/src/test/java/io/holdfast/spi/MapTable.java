// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.ForceOutcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A table in memory, on a clock of the test's, that the test can look into and make fail. */
public final class MapTable implements LockTable {
    /** A row that is held. */
    public record Row(String holderId, String label, long token, long expiry) {}

    public final Map<String, Row> rows = new HashMap<>();
    public Capabilities capabilities =
            Capabilities.of(LeaseScope.GRANT).blocking(true).build();
    /** Called with the method's name before each call takes effect; may throw. */
    public volatile Consumer<String> before = call -> {};
    /** Called with the method's name after each call took effect; may throw. */
    public volatile Consumer<String> after = call -> {};

    public boolean closed;
    public long lastToken = 41;

    private final LockClock clock;
    private final Set<String> released = new HashSet<>();

    public MapTable(LockClock clock) {
        this.clock = clock;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return "map:test";
    }

    @Override
    public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
        before.accept("tryAcquire");
        OptionalLong token;
        synchronized (this) {
            Row row = held(name);
            if (released.contains(holderId) || (row != null && !row.holderId().equals(holderId))) {
                token = OptionalLong.empty();
            } else {
                long number = row == null ? ++lastToken : row.token();
                rows.put(name, new Row(holderId, label, number, clock.nanoTime() + lease.toNanos()));
                token = OptionalLong.of(number);
            }
        }
        after.accept("tryAcquire");
        return token;
    }

    @Override
    public boolean renew(String name, String holderId, Duration lease) {
        before.accept("renew");
        boolean renewed;
        synchronized (this) {
            Row row = held(name);
            renewed = row != null && row.holderId().equals(holderId);
            if (renewed) {
                rows.put(name, new Row(holderId, row.label(), row.token(), clock.nanoTime() + lease.toNanos()));
            }
        }
        after.accept("renew");
        return renewed;
    }

    @Override
    public boolean release(String name, String holderId) {
        before.accept("release");
        boolean mine;
        synchronized (this) {
            released.add(holderId);
            Row row = held(name);
            mine = row != null && row.holderId().equals(holderId);
            if (mine) {
                rows.remove(name);
            }
        }
        after.accept("release");
        return mine;
    }

    @Override
    public List<StoredLock> inspect(String name) {
        before.accept("inspect");
        synchronized (this) {
            return rows.entrySet().stream()
                    .filter(e -> (name.isEmpty() || name.equals(e.getKey())) && held(e.getKey()) != null)
                    .map(e -> new StoredLock(
                            e.getKey(), e.getValue().token(), e.getValue().label(), 0, 1))
                    .toList();
        }
    }

    @Override
    public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
        before.accept("forceRelease");
        synchronized (this) {
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
    }

    @Override
    public void close() {
        closed = true;
    }

    private @Nullable Row held(String name) {
        Row row = rows.get(name);
        return row != null && row.expiry() - clock.nanoTime() > 0 ? row : null;
    }
}
