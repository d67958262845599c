// SPDX-License-Identifier: Apache-2.0
package com.example.sheet;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockTable;
import io.holdfast.spi.StoredLock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;

/**
 * Locks as rows of a {@link Sheet}: all that a backend needs to bring along.
 *
 * <p>Three kinds of cells: {@code row.PREFIX.NAME}, who holds a name until when; {@code spent.PREFIX.HOLDER}, a holder id that
 * was released, kept for a while so that a late copy of its request takes nothing; {@code token}, the last token given out, which
 * stays for ever. Times are of the host's wall clock, which somebody may set: hence class B.
 */
final class SheetTable implements LockTable {
    /** Far longer than a request can be under way. */
    private static final long SPENT_MILLIS = Duration.ofMinutes(1).toMillis();

    private static final Capabilities CAPABILITIES = Capabilities.of(LeaseScope.GRANT)
            .guarantee(GuaranteeClass.B)
            .blocking(true)
            .build();

    private final Sheet sheet;
    private final String prefix;

    SheetTable(Sheet sheet, String prefix) {
        this.sheet = sheet;
        this.prefix = encoded(prefix);
    }

    /** The store's clock, which is the host's: never one that a client brings along. */
    private static long now() {
        return System.currentTimeMillis();
    }

    /** A row as its cell has it. */
    private record Row(String holder, long token, long expiry, long since, String label) {
        static Row of(String cell) {
            String[] parts = cell.split(" ", -1);
            return new Row(
                    parts[0],
                    Long.parseLong(parts[1]),
                    Long.parseLong(parts[2]),
                    Long.parseLong(parts[3]),
                    decoded(parts[4]));
        }

        String cell() {
            return holder + " " + token + " " + expiry + " " + since + " " + encoded(label);
        }

        Row until(long newExpiry) {
            return new Row(holder, token, newExpiry, since, label);
        }
    }

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public String store() {
        return "sheet:" + sheet.file();
    }

    @Override
    public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
        return sheet.atomically(cells -> {
            long now = now();
            forgetOld(cells, now);
            Row held = held(cells, name, now);
            if (cells.containsKey(spentKey(holderId)) || (held != null && !held.holder().equals(encoded(holderId)))) {
                return OptionalLong.empty();
            }
            long token = held != null ? held.token() : nextToken(cells);
            long since = held != null ? held.since() : now;
            Row row = new Row(encoded(holderId), token, now + lease.toMillis(), since, label);
            cells.setProperty(rowKey(name), row.cell());
            return OptionalLong.of(token);
        });
    }

    @Override
    public boolean renew(String name, String holderId, Duration lease) {
        return sheet.atomically(cells -> extend(cells, name, holderId, lease));
    }

    private boolean extend(Properties cells, String name, String holderId, Duration lease) {
        long now = now();
        Row held = held(cells, name, now);
        boolean mine = held != null && held.holder().equals(encoded(holderId));
        if (mine) {
            cells.setProperty(rowKey(name), held.until(now + lease.toMillis()).cell());
        }
        return mine;
    }

    /** All in one change of the file: a client that holds many names would else write it once for each. */
    @Override
    public Map<String, Boolean> renewAll(Map<String, String> names, Duration lease) {
        return sheet.atomically(cells -> {
            Map<String, Boolean> renewed = new HashMap<>();
            names.forEach((holderId, name) -> renewed.put(holderId, extend(cells, name, holderId, lease)));
            return renewed;
        });
    }

    @Override
    public boolean release(String name, String holderId) {
        return sheet.atomically(cells -> {
            long now = now();
            Row held = held(cells, name, now);
            boolean mine = held != null && held.holder().equals(encoded(holderId));
            if (mine) {
                cells.remove(rowKey(name));
            }
            cells.setProperty(spentKey(holderId), Long.toString(now + SPENT_MILLIS));
            return mine;
        });
    }

    @Override
    public List<StoredLock> inspect(String name) {
        return sheet.atomically(cells -> {
            List<StoredLock> found = new ArrayList<>();
            String start = "row." + prefix + ".";
            for (String key : cells.stringPropertyNames()) {
                String of = key.startsWith(start) ? decoded(key.substring(start.length())) : "";
                Row held = of.isEmpty() || !(name.isEmpty() || name.equals(of)) ? null : held(cells, of, now());
                if (held != null) {
                    found.add(new StoredLock(of, held.token(), held.label(), held.since(), 1));
                }
            }
            return found;
        });
    }

    @Override
    public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
        return sheet.atomically(cells -> {
            Row held = held(cells, name, now());
            if (held == null) {
                return ForceOutcome.NOT_HELD;
            }
            if (storeToken.isPresent() && storeToken.getAsLong() != held.token()) {
                return ForceOutcome.MOVED_ON;
            }
            cells.remove(rowKey(name));
            return ForceOutcome.RELEASED;
        });
    }

    @Override
    public void close() {}

    /** The row in force, or null: one that has expired is free. */
    private Row held(Properties cells, String name, long now) {
        String cell = cells.getProperty(rowKey(name));
        Row row = cell == null ? null : Row.of(cell);
        return row == null || row.expiry() <= now ? null : row;
    }

    private static long nextToken(Properties cells) {
        long token = Long.parseLong(cells.getProperty("token", "0")) + 1;
        cells.setProperty("token", Long.toString(token));
        return token;
    }

    /** Of a row's cell. */
    static boolean hasExpired(String cell, long now) {
        return Row.of(cell).expiry() <= now;
    }

    /** Of a row's cell: whether it is of the client with this label. */
    static boolean isOf(String cell, String label) {
        return Row.of(cell).label().equals(label);
    }

    /** What nobody needs any more: the names of holders that died would else stay for ever. */
    private static void forgetOld(Properties cells, long now) {
        for (String key : cells.stringPropertyNames()) {
            String cell = cells.getProperty(key);
            if ((key.startsWith("spent.") && Long.parseLong(cell) <= now)
                    || (key.startsWith("row.") && hasExpired(cell, now))) {
                cells.remove(key);
            }
        }
    }

    String rowKey(String name) {
        return "row." + prefix + "." + encoded(name);
    }

    private String spentKey(String holderId) {
        return "spent." + prefix + "." + encoded(holderId);
    }

    /** Letters, digits, hyphen and underscore: two different texts never collide, none reaches outside its place. */
    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String text) {
        return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
    }
}
