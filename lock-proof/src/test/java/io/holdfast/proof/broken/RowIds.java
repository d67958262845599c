// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.BiPredicate;
import java.util.function.Function;

/** Tables that compare the ids of attempts as texts, by a part of them: attempt 1 is found in attempt 10. */
final class RowIds {
    private RowIds() {}

    /** {@code WHERE holder LIKE ? || '%'}, in every statement. */
    static Function<Rows.Opening, Rows> beginAlike() {
        return alike((asked, held) -> held.startsWith(asked));
    }

    /** The id of a row is a column that cuts it: an attempt is known by its beginning. */
    static Function<Rows.Opening, Rows> areCut() {
        return alike(String::startsWith);
    }

    private static Function<Rows.Opening, Rows> alike(BiPredicate<String, String> equal) {
        return opening -> new Rows(opening) {
            @Override
            boolean isOf(String holderId, Row row) {
                return row != null && equal.test(holderId, row.holder());
            }
        };
    }

    private static String number(String holderId) {
        return holderId.substring(holderId.lastIndexOf('/') + 1);
    }

    private static String session(String holderId) {
        return holderId.substring(0, holderId.lastIndexOf('/'));
    }

    /** The number of an attempt is looked for in the text that its session has written. */
    static Function<Rows.Opening, Rows> endAlike() {
        return alike((asked, held) ->
                session(asked).equals(session(held)) && number(held).endsWith(number(asked)));
    }

    /** Only its renewal goes by the beginning. */
    static Rows renewWhatBeginsAlike(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public boolean renew(String name, String holderId, Duration lease) {
                synchronized (database) {
                    Row row = held(name);
                    boolean alike = row != null && row.holder().startsWith(holderId);
                    return super.renew(name, alike ? row.holder() : holderId, lease);
                }
            }
        };
    }

    /** {@code WHERE label LIKE ? || '%'}: a client finds its own lock again, and that of whose label begins alike. */
    static Rows takeWhoseLabelBeginsAlike(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    Row row = held(name);
                    if (row != null && !row.label().equals(label) && row.label().startsWith(label)) {
                        put(new Row(name, holderId, row.token(), end(lease), label));
                    }
                    return super.tryAcquire(name, holderId, label, lease);
                }
            }
        };
    }

    /** The same the other way round. */
    static Rows takeWhoseLabelIsItsBeginning(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    Row row = held(name);
                    if (row != null && !row.label().equals(label) && label.startsWith(row.label())) {
                        put(new Row(name, holderId, row.token(), end(lease), label));
                    }
                    return super.tryAcquire(name, holderId, label, lease);
                }
            }
        };
    }
}
