// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.ForceOutcome;
import io.holdfast.StoreFinding;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockTable;
import io.holdfast.spi.NameCode;
import io.holdfast.spi.StoredLock;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Locks as rows; which statement does what, {@link Statements} says. Thread-safe. */
final class LockRows implements LockTable {
    /** Its row may be made by another, or forgotten, between two statements: not so often. */
    private static final int MARKINGS = 3;

    private static final NameCode CODE = NameCode.escapedBy('%');

    private static final Capabilities CAPABILITIES = Capabilities.of(LeaseScope.GRANT)
            .guarantee(GuaranteeClass.B)
            .blocking(true)
            .sharedAcrossProcesses(true)
            .build();

    private final Lanes lanes;
    private final JdbcSettings settings;
    private final Statements statements;
    private final Renewals renewals;
    private final String store;
    private final Diagnosis diagnosis;
    private final Runnable closing;

    /** When the rows of unused names were forgotten last. */
    private final AtomicLong tidied = new AtomicLong(System.nanoTime());

    /** What a table of locks is made of. */
    record Parts(
            Lanes lanes,
            JdbcSettings settings,
            Statements statements,
            String store,
            Diagnosis diagnosis,
            Runnable closing) {}

    LockRows(Parts parts) {
        this.lanes = parts.lanes();
        this.settings = parts.settings();
        this.statements = parts.statements();
        this.renewals = new Renewals(lanes, this::extension);
        this.store = parts.store();
        this.diagnosis = parts.diagnosis();
        this.closing = parts.closing();
    }

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public String store() {
        return store;
    }

    /** The usual case is one statement; a name's first lock and one that another holds take a look more. */
    @Override
    public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
        String written = CODE.encode(name);
        String mark = mark(holderId);
        String shown = CODE.encode(label);
        long micros = micros(lease);
        lanes.expectRenewals();
        return asked("contend " + written, connection -> {
            Object[] values = {holderId, shown, micros, mark, settings.prefix(), written, mark};
            OptionalLong taken = told(connection, statements.take, values);
            if (taken.isPresent()) {
                return taken;
            }
            String holder = holder(connection, written);
            if (holder == null) {
                OptionalLong first = first(connection, written, holderId, shown, micros, mark);
                // The row was made meanwhile: by who holds, or by a withdrawal, and then it is free.
                return first.isPresent() ? first : told(connection, statements.take, values);
            }
            // A copy of a request that was granted before (rule UO-4).
            return holder.equals(holderId)
                    ? told(connection, statements.takeAgain, micros, settings.prefix(), written, holderId)
                    : OptionalLong.empty();
        });
    }

    private OptionalLong first(
            Connection connection, String name, String holderId, String label, long micros, String mark)
            throws SQLException {
        try {
            return told(connection, statements.takeFirst, settings.prefix(), name, holderId, label, micros, mark);
        } catch (SQLException e) {
            if (Failures.isDuplicate(e)) { // another one was faster
                return OptionalLong.empty();
            }
            throw e;
        }
    }

    /** Who is in a row, the empty string where nobody is; null without a row. */
    private @Nullable String holder(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = Sql.bound(connection, statements.holder, settings.prefix(), name);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? String.valueOf(row.getString(1)) : null;
        }
    }

    @Override
    public boolean renew(String name, String holderId, Duration lease) {
        Boolean renewed = renewAll(Map.of(holderId, name), lease).get(holderId);
        if (renewed == null) {
            throw lanes.isLocked("renew " + CODE.encode(name));
        }
        return renewed;
    }

    /** One statement for up to five hundred rows. */
    @Override
    public Map<String, Boolean> renewAll(Map<String, String> names, Duration lease) {
        Map<String, Boolean> renewed = renewals.renew(names, lease);
        tidy();
        return renewed;
    }

    private Lane.Step<Map<String, Boolean>> extension(Map<String, String> rows, Duration lease) {
        List<Object> those = new ArrayList<>(List.of(settings.prefix()));
        rows.forEach((holder, name) -> those.addAll(List.of(CODE.encode(name), holder)));
        List<Object> values = new ArrayList<>(List.of(micros(lease)));
        values.addAll(those);
        return withTable(connection -> {
            Map<String, Boolean> renewed = new HashMap<>();
            String text = statements.renew(rows.size());
            long end = Long.MAX_VALUE;
            if (statements.changesAnswer()) {
                holders(connection, text, values.toArray()).forEach((holder, until) -> renewed.put(holder, true));
            } else {
                end = Sql.key(connection, text, values.toArray()).orElse(end);
            }
            if (renewed.size() < rows.size()) {
                Map<String, Long> inForce = holders(connection, statements.inForce(rows.size()), those.toArray());
                for (String holder : rows.keySet()) {
                    Long until = inForce.get(holder);
                    if (until == null || until >= end) { // else another one has it locked, and it is as it was
                        renewed.putIfAbsent(holder, until != null);
                    }
                }
            }
            return renewed;
        });
    }

    private static Map<String, Long> holders(Connection connection, String text, Object... values) throws SQLException {
        Map<String, Long> found = new HashMap<>();
        try (PreparedStatement statement = Sql.bound(connection, text, values);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                found.put(row.getString(1), row.getLong(2));
            }
        }
        return found;
    }

    @Override
    public boolean release(String name, String holderId) {
        String written = CODE.encode(name);
        Lane.Step<Boolean> step = connection -> {
            if (Sql.changed(connection, statements.release, settings.prefix(), written, holderId)) {
                return true;
            }
            mark(connection, written, holderId);
            return false;
        };
        boolean released = lanes.releases().ask("release " + written, settings.operationTimeout(), withTable(step));
        tidy();
        return released;
    }

    /** It was not granted, or not in time, and a late copy of it must not be any more (rule UO-2). */
    private void mark(Connection connection, String name, String holderId) throws SQLException {
        String mark = mark(holderId);
        for (int i = 0; i < MARKINGS; i++) {
            if (Sql.changed(connection, statements.mark, holderId, mark, mark, settings.prefix(), name)) {
                return;
            }
            try {
                if (Sql.changed(connection, statements.markFirst, settings.prefix(), name, mark)) {
                    return;
                }
            } catch (SQLException e) {
                if (!Failures.isDuplicate(e)) { // else the row was made meanwhile, and takes the mark now
                    throw e;
                }
            }
        }
        // A driver that is told to counts only rows that became other ones: this one has the mark already.
        if (Sql.one(connection, statements.isMarked(), true, settings.prefix(), name, mark)
                .isEmpty()) {
            throw new SQLException("the row of " + name + " came and went", "40001");
        }
    }

    @Override
    public List<StoredLock> inspect(String name) {
        boolean all = name.isEmpty();
        String text = all ? statements.list : statements.inspect;
        Object[] values = all ? new Object[] {settings.prefix()} : new Object[] {settings.prefix(), CODE.encode(name)};
        return asked(all ? "list" : "inspect " + CODE.encode(name), connection -> {
            List<StoredLock> found = new ArrayList<>();
            try (PreparedStatement statement = Sql.bound(connection, text, values);
                    ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    shown(row).ifPresent(found::add);
                }
            }
            return found;
        });
    }

    /** A row that was not written by us has a name or a label that nothing was written as. */
    private static Optional<StoredLock> shown(ResultSet row) throws SQLException {
        String label = row.getString(3);
        long token = row.getLong(2);
        long since = row.getLong(4) / 1000;
        return CODE.decode(row.getString(1))
                .map(name -> new StoredLock(name, token, CODE.decode(label).orElse("?"), since, 1));
    }

    @Override
    public ForceOutcome forceRelease(String name, OptionalLong storeToken) {
        String written = CODE.encode(name);
        return asked("release by force " + written, connection -> {
            boolean freed = storeToken.isPresent()
                    ? Sql.changed(connection, statements.forceToken, settings.prefix(), written, storeToken.getAsLong())
                    : Sql.changed(connection, statements.force, settings.prefix(), written);
            if (freed) {
                return ForceOutcome.RELEASED;
            }
            try (PreparedStatement statement = Sql.bound(connection, statements.isHeld, settings.prefix(), written);
                    ResultSet held = statement.executeQuery()) {
                return storeToken.isPresent() && held.next() ? ForceOutcome.MOVED_ON : ForceOutcome.NOT_HELD;
            }
        });
    }

    @Override
    public List<StoreFinding> diagnose() {
        return asked("diagnose", diagnosis::findings);
    }

    /** Has the rows of names forgotten that nobody has locked for long. Nobody waits for it, least of all a renewal. */
    private void tidy() {
        long last = tidied.get();
        long now = System.nanoTime();
        if (now - last > settings.tokenRetention().toNanos() / 4 && tidied.compareAndSet(last, now)) {
            // What is left this time is forgotten the next time.
            lanes.attempts()
                    .tell(
                            settings.operationTimeout(),
                            connection -> Sql.changed(
                                    connection,
                                    statements.forget,
                                    settings.prefix(),
                                    micros(settings.tokenRetention())));
        }
    }

    private <T> T asked(String what, Lane.Step<T> step) {
        return lanes.attempts().ask(what, settings.operationTimeout(), withTable(step));
    }

    /** A table that goes away while it is used, as that of a trial's database in memory does, is made anew where that was asked for. */
    private <T> Lane.Step<T> withTable(Lane.Step<T> step) {
        return connection -> {
            try {
                return step.ask(connection);
            } catch (SQLException e) {
                if (!settings.createTable() || !Failures.isNoTable(e)) {
                    throw e;
                }
                statements.create(connection);
                return step.ask(connection);
            }
        };
    }

    /** The number that a change answers with; none when it changed nothing. */
    private OptionalLong told(Connection connection, String text, Object... values) throws SQLException {
        return Sql.one(connection, text, statements.changesAnswer(), values);
    }

    private static long micros(Duration time) {
        return TimeUnit.NANOSECONDS.toMicros(time.toNanos());
    }

    /** Short enough for a row to keep many: 48 bits of a digest, by which one of 10^12 requests would be taken for a copy. */
    private static String mark(String holderId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(holderId.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().encodeToString(digest).substring(0, Statements.MARK);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public void close() {
        renewals.close();
        lanes.close();
        closing.run();
    }
}
