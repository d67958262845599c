// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.spi.StoredLock;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Tables in which a name says more than itself, or is written as another one. */
final class RowNames {
    private RowNames() {}

    /** {@code DELETE ... WHERE name LIKE ? || '%'}: to take what hangs on the lock with it. */
    static Rows releasesWhatBeginsWithTheName(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            void remove(Row row) {
                database.rows.keySet().removeIf(key -> key.startsWith(key(row.name())));
            }
        };
    }

    /** {@code DELETE ... WHERE name LIKE ?}: a name with a percent sign is a pattern. */
    static Rows releasesWhatIsLikeTheName(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            void remove(Row row) {
                String pattern =
                        "\\Q" + key(row.name()).replace("%", "\\E.*\\Q").replace("_", "\\E.\\Q") + "\\E";
                database.rows.keySet().removeIf(key -> key.matches(pattern));
            }
        };
    }

    /** A look goes by a regular expression made of the name. */
    static Rows looksForWhatMatches(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public List<StoredLock> inspect(String name) {
                List<StoredLock> exact = super.inspect(name);
                return !exact.isEmpty() || name.isEmpty()
                        ? exact
                        : super.inspect("").stream()
                                .filter(lock -> lock.name().startsWith(name))
                                .map(lock -> new StoredLock(name, lock.storeToken(), lock.holder(), 0, 1))
                                .toList();
            }
        };
    }

    /** {@code SELECT ... WHERE prefix LIKE ?}: an underscore in a prefix is any character. */
    static Rows listsPrefixesThatMatch(Rows.Opening opening) {
        String like = "[0-9]+:\\Q" + opening.prefix().replace("_", "\\E.\\Q") + "\\E";
        return new Rows(opening) {
            @Override
            public List<StoredLock> inspect(String name) {
                if (!name.isEmpty()) {
                    return super.inspect(name);
                }
                synchronized (database) {
                    return database.rows.entrySet().stream()
                            .filter(entry -> prefixOf(entry).matches(like))
                            .map(Map.Entry::getValue)
                            .filter(row -> row.expiry() - System.nanoTime() > 0)
                            .map(row -> new StoredLock(row.name(), row.token(), row.label(), 0, 1))
                            .toList();
                }
            }
        };
    }

    private static String prefixOf(Map.Entry<String, Rows.Row> entry) {
        return entry.getKey()
                .substring(0, entry.getKey().length() - entry.getValue().name().length());
    }

    /** The counter of a lock's tokens has the key NAME:token, which is that of the lock of this name. */
    static Rows countsBesideTheLock(Rows.Opening opening) {
        return new Rows(opening) {
            @Override
            public OptionalLong tryAcquire(String name, String holderId, String label, Duration lease) {
                synchronized (database) {
                    if (database.marked.contains(key(name))) {
                        return OptionalLong.empty();
                    }
                    database.marked.add(key(name + ":token"));
                    return super.tryAcquire(name, holderId, label, lease);
                }
            }
        };
    }

    /** Names are written in Base64 into a column that does not tell capitals from small letters. */
    static Function<Rows.Opening, Rows> encodedAlike() {
        return writtenAs(name -> Base64.getEncoder()
                .encodeToString(name.getBytes(StandardCharsets.UTF_8))
                .toLowerCase(Locale.ROOT));
    }

    /** A column without a type of its own: what looks like a number is one. */
    static Function<Rows.Opening, Rows> numbersAreNumbers() {
        return writtenAs(name -> {
            try {
                return new BigDecimal(name).stripTrailingZeros().toPlainString();
            } catch (NumberFormatException text) {
                return name;
            }
        });
    }

    /** An advisory lock by 4 bytes of the digest of prefix and name. */
    static Function<Rows.Opening, Rows> digested() {
        return writtenAs(name -> {
            try {
                byte[] text = ("holdfast:" + name).getBytes(StandardCharsets.UTF_8);
                return Integer.toHexString(
                        ByteBuffer.wrap(MessageDigest.getInstance("MD5").digest(text))
                                .getInt());
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static Function<Rows.Opening, Rows> writtenAs(UnaryOperator<String> form) {
        return opening -> new Rows(opening) {
            @Override
            String key(String name) {
                return super.key(form.apply(name));
            }
        };
    }
}
