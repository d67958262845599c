// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.junit.jupiter.api.Test;

class CollisionsTest {
    private static final Map<String, ToIntFunction<byte[]>> HASHES = new HashMap<>();

    static {
        HASHES.put("String.hashCode", name -> new String(name, StandardCharsets.UTF_8).hashCode());
        HASHES.put("djb2", name -> folded(name, 5381, (hash, b) -> hash * 33 + b));
        HASHES.put("djb2 with xor", name -> folded(name, 5381, (hash, b) -> hash * 33 ^ b));
        HASHES.put("sdbm", name -> folded(name, 0, (hash, b) -> hash * 65599 + b));
        HASHES.put("BINARY_CHECKSUM", name -> folded(name, 0, (hash, b) -> Integer.rotateLeft(hash, 4) ^ b));
        HASHES.put("FNV-1", name -> folded(name, 0x811c9dc5, (hash, b) -> hash * 0x01000193 ^ b));
        HASHES.put("FNV-1a", name -> folded(name, 0x811c9dc5, (hash, b) -> (hash ^ b) * 0x01000193));
        HASHES.put("CRC-16", name -> folded(name, 0, CollisionsTest::crc16));
        HASHES.put("CRC-32", name -> sum(new CRC32(), name));
        HASHES.put("CRC-32C", name -> sum(new CRC32C(), name));
        HASHES.put("Adler-32", name -> sum(new Adler32(), name));
        HASHES.put("one at a time", CollisionsTest::oneAtATime);
        HASHES.put("Murmur2", CollisionsTest::murmur2);
        HASHES.put("Murmur3", CollisionsTest::murmur3);
        HASHES.put("xxHash32", CollisionsTest::xxHash32);
        HASHES.put("hashtext", CollisionsTest::hashtext);
        for (String digest : new String[] {"MD5", "SHA-1", "SHA-256"}) {
            HASHES.put(digest + " first", name -> digest(digest, name, false));
            HASHES.put(digest + " last", name -> digest(digest, name, true));
        }
    }

    @Test
    void twoDifferentNamesOfAPairHaveTheSameValue() {
        for (String stem : new String[] {"stem", "kit-another-0123456789"}) {
            assertThat(Collisions.all(stem)).hasSizeGreaterThan(20).allSatisfy(pair -> {
                assertThat(pair.one()).isNotEqualTo(pair.other());
                ToIntFunction<byte[]> hash = HASHES.get(pair.hash());
                assertThat(hash.applyAsInt((pair.before() + pair.one()).getBytes(StandardCharsets.UTF_8)))
                        .isEqualTo(hash.applyAsInt((pair.before() + pair.other()).getBytes(StandardCharsets.UTF_8)));
            });
        }
        assertThat(Collisions.all("stem").stream().map(Collisions.Pair::hash)).containsAll(HASHES.keySet());
    }

    /** As a server of PostgreSQL 15 answers {@code select hashtext('…')}. */
    @Test
    void hashtextIsThatOfPostgreSql() {
        assertThat(hashtext("")).isEqualTo(-1477818771);
        assertThat(hashtext("a")).isEqualTo(1075015857);
        assertThat(hashtext("twelvebytes!")).isEqualTo(626908806);
        assertThat(hashtext("hello world, this is long enough for more rounds")).isEqualTo(-357546856);
    }

    /** As the published test vectors say. */
    @Test
    void othersAreWhatTheyAreCalled() {
        assertThat(value("FNV-1a", "foobar")).isEqualTo(0xbf9cf968);
        assertThat(value("FNV-1", "foobar")).isEqualTo(0x31f0b262);
        assertThat(value("CRC-16", "123456789")).isEqualTo(0x31c3);
        assertThat(value("Murmur3", "")).isZero();
        assertThat(value("Murmur3", "hello")).isEqualTo(0x248bfa47);
        assertThat(value("xxHash32", "")).isEqualTo(0x02cc5d05);
        assertThat(value("xxHash32", "Nobody inspects the spammish repetition")).isEqualTo(0xe2293b2f);
    }

    private static int value(String hash, String name) {
        return HASHES.get(hash).applyAsInt(name.getBytes(StandardCharsets.UTF_8));
    }

    private interface Round {
        int of(int hash, int unsignedByte);
    }

    private static int folded(byte[] name, int start, Round round) {
        int hash = start;
        for (byte b : name) {
            hash = round.of(hash, b & 0xff);
        }
        return hash;
    }

    private static int sum(Checksum checksum, byte[] name) {
        checksum.update(name);
        return (int) checksum.getValue();
    }

    private static int digest(String algorithm, byte[] name, boolean last) {
        try {
            byte[] digest = MessageDigest.getInstance(algorithm).digest(name);
            return Integer.reverseBytes(little(digest, last ? digest.length - 4 : 0, 4));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int crc16(int crc, int b) {
        int sum = crc ^ b << 8;
        for (int bit = 0; bit < 8; bit++) {
            sum = (sum & 0x8000) == 0 ? sum << 1 : sum << 1 ^ 0x1021;
        }
        return sum & 0xffff;
    }

    private static int oneAtATime(byte[] name) {
        int hash = folded(name, 0, (before, b) -> {
            int sum = (before + b) * 1025;
            return sum ^ sum >>> 6;
        });
        hash += hash << 3;
        hash ^= hash >>> 11;
        return hash + (hash << 15);
    }

    private static int murmur2(byte[] name) {
        int factor = 0x5bd1e995;
        int hash = 0x9747b28c ^ name.length;
        int at = 0;
        for (; name.length - at >= 4; at += 4) {
            int word = little(name, at, 4) * factor;
            hash = hash * factor ^ (word ^ word >>> 24) * factor;
        }
        if (at < name.length) {
            hash = (hash ^ little(name, at, 3)) * factor;
        }
        hash = (hash ^ hash >>> 13) * factor;
        return hash ^ hash >>> 15;
    }

    private static int murmur3(byte[] name) {
        int hash = 0;
        int at = 0;
        for (; name.length - at >= 4; at += 4) {
            hash = Integer.rotateLeft(hash ^ murmur3(little(name, at, 4)), 13) * 5 + 0xe6546b64;
        }
        hash ^= murmur3(little(name, at, 3)) ^ name.length;
        hash = (hash ^ hash >>> 16) * 0x85ebca6b;
        hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
        return hash ^ hash >>> 16;
    }

    private static int murmur3(int word) {
        return Integer.rotateLeft(word * 0xcc9e2d51, 15) * 0x1b873593;
    }

    private static int xxHash32(byte[] name) {
        int[] primes = {0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1};
        int[] lanes = {primes[0] + primes[1], primes[1], 0, -primes[0]};
        int at = 0;
        for (; name.length - at >= 16; at += 16) {
            for (int i = 0; i < 4; i++) {
                lanes[i] = Integer.rotateLeft(lanes[i] + little(name, at + 4 * i, 4) * primes[1], 13) * primes[0];
            }
        }
        int hash = primes[4];
        if (at > 0) {
            hash = Integer.rotateLeft(lanes[0], 1)
                    + Integer.rotateLeft(lanes[1], 7)
                    + Integer.rotateLeft(lanes[2], 12)
                    + Integer.rotateLeft(lanes[3], 18);
        }
        hash += name.length;
        for (; name.length - at >= 4; at += 4) {
            hash = Integer.rotateLeft(hash + little(name, at, 4) * primes[2], 17) * primes[3];
        }
        for (; at < name.length; at++) {
            hash = Integer.rotateLeft(hash + (name[at] & 0xff) * primes[4], 11) * primes[0];
        }
        hash = (hash ^ hash >>> 15) * primes[1];
        hash = (hash ^ hash >>> 13) * primes[2];
        return hash ^ hash >>> 16;
    }

    private static int hashtext(String name) {
        return hashtext(name.getBytes(StandardCharsets.UTF_8));
    }

    /** PostgreSQL's hash of a text: Jenkins' lookup3 with a start value of its own. */
    private static int hashtext(byte[] name) {
        int start = 0x9e3779b9 + name.length + 3923095;
        int[] s = {start, start, start};
        int at = 0;
        for (; name.length - at >= 12; at += 12) {
            for (int word = 0; word < 3; word++) {
                s[word] += little(name, at + 4 * word, 4);
            }
            mix(s);
        }
        s[0] += little(name, at, 4);
        s[1] += little(name, at + 4, 4);
        s[2] += little(name, at + 8, 3) << 8; // its lowest byte is kept for the length
        last(s);
        return s[2];
    }

    /** Up to so many bytes, the first one lowest; those beyond the end count as zero. */
    private static int little(byte[] name, int from, int bytes) {
        int word = 0;
        for (int i = 0; i < bytes && from + i < name.length; i++) {
            word |= (name[from + i] & 0xff) << (8 * i);
        }
        return word;
    }

    private static void mix(int[] s) {
        int[] turns = {4, 6, 8, 16, 19, 4};
        for (int i = 0; i < turns.length; i++) {
            int a = i % 3;
            int b = (i + 1) % 3;
            int c = (i + 2) % 3;
            s[a] -= s[c];
            s[a] ^= Integer.rotateLeft(s[c], turns[i]);
            s[c] += s[b];
        }
    }

    private static void last(int[] s) {
        int[] turns = {14, 11, 25, 16, 4, 14, 24};
        for (int i = 0; i < turns.length; i++) {
            int to = (i + 2) % 3;
            int from = (i + 1) % 3;
            s[to] ^= s[from];
            s[to] -= Integer.rotateLeft(s[from], turns[i]);
        }
    }
}
