// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A connection each of whose transactions begins by raising the fence's row. As thread-safe as the connection inside.
 *
 * <p>Also for a statement that was prepared in an earlier transaction, and before a savepoint, to which one could else roll back
 * behind the fence.
 */
final class FencedConnection implements InvocationHandler {
    private static final System.Logger LOG = System.getLogger("io.holdfast.jdbc");

    private final Connection inside;
    private final FenceRow fence;
    private final FenceToken hold;
    private final Connection outside;

    /** Of the transaction that goes on; 0 when none has begun. */
    private long raised;

    FencedConnection(Connection inside, FenceRow fence, FenceToken hold) {
        this.inside = inside;
        this.fence = fence;
        this.hold = hold;
        outside = proxy(Connection.class, this);
    }

    Connection outside() {
        return outside;
    }

    /** What is to be done in one transaction, by {@link #outside()}. */
    @FunctionalInterface
    interface Step<T, E extends Exception> {
        T done() throws SQLException, E;
    }

    /** One whole transaction: who is refused does nothing of it at all, and whatever is thrown rolls it back. */
    <T, E extends Exception> T inTransaction(Step<T, E> step) throws SQLException, E {
        boolean before = inside.getAutoCommit();
        inside.setAutoCommit(false);
        boolean committed = false;
        try {
            begin();
            T done = step.done();
            outside.commit();
            committed = true;
            return done;
        } finally {
            restore(before, committed);
        }
    }

    /** What fails here is no news beside what was thrown, and none after a commit: the connection is closed next. */
    private void restore(boolean autoCommit, boolean committed) {
        try {
            raised = 0;
            if (!committed) {
                inside.rollback();
            }
            inside.setAutoCommit(autoCommit);
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "a connection behind {0} cannot be given back as it was: {1}", fence, e);
        }
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        return switch (method.getName()) {
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> "connection behind the fence " + fence;
            case "setSavepoint" -> {
                begin();
                yield called(inside, method, arguments);
            }
            case "commit" -> {
                confirm();
                yield ended(method, arguments);
            }
            case "rollback" -> arguments == null ? ended(method, null) : called(inside, method, arguments);
            case "setAutoCommit" -> {
                if (arguments != null && arguments[0].equals(inside.getAutoCommit())) {
                    yield called(inside, method, arguments); // the transaction goes on
                }
                confirm(); // it commits
                yield ended(method, arguments);
            }
            case "close" -> {
                try {
                    if (raised != 0) { // else some databases commit
                        inside.rollback();
                    }
                } finally {
                    ended(method, arguments); // also a broken one goes back to its pool
                }
                yield null;
            }
            default -> fenced(called(inside, method, arguments));
        };
    }

    private @Nullable Object ended(Method method, Object @Nullable [] arguments) throws Throwable {
        raised = 0; // also when it fails: what then goes on is not known, and is fenced again
        return called(inside, method, arguments);
    }

    /** Before a transaction's first step. */
    private void begin() throws SQLException {
        if (raised != 0) {
            return;
        }
        if (inside.getAutoCommit()) {
            throw new SQLException(
                    "a fenced connection works in transactions only, which auto-commit has none of: setAutoCommit(false)"
                            + " first, or FencedDataSource.run",
                    "25P01");
        }
        long token = hold.now();
        fence.raise(inside, hold.name(), token);
        raised = token;
    }

    /** A holder that knows of its loss commits nothing, although nobody may have been here since. */
    private void confirm() throws SQLException {
        if (raised == 0) {
            return;
        }
        try {
            long now = hold.now();
            if (now != raised) {
                throw FenceToken.lost(hold.name(), raised, "the lock was taken anew, with token " + now, "its client");
            }
        } catch (RuntimeException e) {
            raised = 0;
            inside.rollback();
            throw e;
        }
    }

    private @Nullable Object fenced(@Nullable Object made) {
        if (made instanceof CallableStatement statement) {
            return proxy(CallableStatement.class, new FencedStatement(statement));
        }
        if (made instanceof PreparedStatement statement) {
            return proxy(PreparedStatement.class, new FencedStatement(statement));
        }
        return made instanceof Statement statement ? proxy(Statement.class, new FencedStatement(statement)) : made;
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(FencedConnection.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static @Nullable Object called(Object target, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** A statement of this connection. */
    private final class FencedStatement implements InvocationHandler {
        private final Statement statement;

        FencedStatement(Statement statement) {
            this.statement = statement;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
            String name = method.getName();
            if (name.equals("equals")) {
                return arguments != null && proxy == arguments[0];
            }
            if (name.equals("hashCode")) {
                return System.identityHashCode(proxy);
            }
            if (name.equals("getConnection")) {
                return outside;
            }
            if (name.startsWith("execute")) {
                begin();
            }
            return called(statement, method, arguments);
        }
    }
}
