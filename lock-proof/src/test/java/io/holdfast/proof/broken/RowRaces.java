// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/** What should be one statement is a look and a write, a request apart: between the two the row may be another one's. */
final class RowRaces {
    private static final long ON_THE_WAY_NANOS = 200_000;

    private RowRaces() {}

    /** GET, and when it is ours, EXPIRE. */
    static Rows renewWhateverIsThere(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                if (!super.renew(name, holderId, lease)) {
                    return false;
                }
                LockSupport.parkNanos(ON_THE_WAY_NANOS);
                synchronized (database) {
                    Row row = held(name);
                    if (row != null) {
                        put(row.until(end(lease)));
                    }
                    return true;
                }
            }
        };
    }

    /** SELECT, and when it is ours, the whole row is written anew. */
    static Rows renewByWritingTheRow(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                Row seen;
                synchronized (database) {
                    seen = held(name);
                }
                if (!isOf(holderId, seen)) {
                    return false;
                }
                LockSupport.parkNanos(ON_THE_WAY_NANOS);
                synchronized (database) {
                    put(seen.until(end(lease)));
                    return true;
                }
            }
        };
    }

    /** GET, and when it is ours, DEL. */
    static Rows releaseWhateverIsThere(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean release(String name, String holderId) {
                synchronized (database) {
                    database.released.add(holderId);
                    if (!isOf(holderId, held(name))) {
                        return false;
                    }
                }
                LockSupport.parkNanos(ON_THE_WAY_NANOS);
                synchronized (database) {
                    database.rows.remove(key(name));
                    return true;
                }
            }
        };
    }

    /** SELECT, and when it has expired, the row is written anew for whoever comes. */
    static Rows takeWhateverHasExpired(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                boolean expired;
                synchronized (database) {
                    expired = database.rows.containsKey(key(name)) && held(name) == null;
                }
                if (!expired) {
                    return super.tryAcquire(name, holderId, label, lease);
                }
                LockSupport.parkNanos(ON_THE_WAY_NANOS);
                synchronized (database) {
                    database.rows.remove(key(name));
                    return super.tryAcquire(name, holderId, label, lease);
                }
            }
        };
    }
}
