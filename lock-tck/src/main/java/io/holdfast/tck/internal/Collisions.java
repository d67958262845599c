// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * Pairs of different names that have the same value under a hash of 32 bits: a backend that locks the hash of a name, as with
 * {@code pg_advisory_lock(hashtext(name))}, makes one lock of two.
 *
 * <p>They are found by trying: of some 80,000 names two have the same value more often than not.
 */
final class Collisions {
    private static final int MOST_TRIES = 2_000_000;
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private Collisions() {}

    /** For each hash, the two names of a pair. */
    static Map<String, List<String>> all(String stem) {
        Map<String, List<String>> pairs = new LinkedHashMap<>();
        hashes().forEach((hash, function) -> pairs.put(hash, pair(stem, function)));
        return pairs;
    }

    private static Map<String, ToIntFunction<byte[]>> hashes() {
        Map<String, ToIntFunction<byte[]>> hashes = new LinkedHashMap<>();
        hashes.put("String.hashCode", name -> new String(name, StandardCharsets.UTF_8).hashCode());
        hashes.put("CRC-32", name -> sum(new CRC32(), name));
        hashes.put("CRC-32C", name -> sum(new CRC32C(), name));
        hashes.put("Adler-32", name -> sum(new Adler32(), name));
        hashes.put("FNV-1a", Collisions::fnv1a);
        hashes.put("hashtext of PostgreSQL", Collisions::hashtext);
        hashes.put("4 bytes of MD5", name -> digest("MD5", name));
        hashes.put("4 bytes of SHA-1", name -> digest("SHA-1", name));
        hashes.put("4 bytes of SHA-256", name -> digest("SHA-256", name));
        return hashes;
    }

    private static List<String> pair(String stem, ToIntFunction<byte[]> hash) {
        Map<Integer, String> seen = new HashMap<>();
        for (int i = 0; i < MOST_TRIES; i++) {
            // Of more than 4 bytes that differ, since a checksum tells shorter ones apart.
            String name = stem + "-" + Long.toHexString(i * SPREAD);
            String other = seen.put(hash.applyAsInt(name.getBytes(StandardCharsets.UTF_8)), name);
            if (other != null) {
                return List.of(other, name);
            }
        }
        throw new IllegalStateException(
                "no two of " + MOST_TRIES + " names have the same value: this is no hash of 32 bits");
    }

    private static int sum(Checksum checksum, byte[] name) {
        checksum.update(name);
        return (int) checksum.getValue();
    }

    private static int digest(String algorithm, byte[] name) {
        try {
            byte[] digest = MessageDigest.getInstance(algorithm).digest(name);
            return digest[0] << 24 | (digest[1] & 0xff) << 16 | (digest[2] & 0xff) << 8 | (digest[3] & 0xff);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int fnv1a(byte[] name) {
        int hash = 0x811c9dc5;
        for (byte b : name) {
            hash = (hash ^ (b & 0xff)) * 0x01000193;
        }
        return hash;
    }

    /** PostgreSQL's hash of a text: Jenkins' lookup3 with a start value of its own. */
    static int hashtext(byte[] name) {
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
