// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.StoredLock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** What administrators see and do in a table, and whom it takes a client for. */
final class RowViews {
    private static final int PAGE = 1000;

    private RowViews() {}

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
}
