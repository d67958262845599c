// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * Pairs of different names that have the same value under a hash of at most 32 bits: a backend that locks the hash of a name, as
 * with {@code pg_advisory_lock(hashtext(name))}, makes one lock of two.
 *
 * <p>They were found by trying, once: of some 80,000 names two have the same value more often than not.
 */
final class Collisions {
    /**
     * Two names that meet.
     *
     * @param hash under which
     * @param before what stands before the name when it is hashed
     */
    record Pair(String hash, String before, String one, String other) {}

    /** What meets behind any beginning, since these hashes only add up or shift what comes later. */
    private static final List<Pair> ENDS = List.of(
            new Pair("String.hashCode", "", "a9df1b23af", "6a8cdb9f3c"),
            new Pair("djb2", "", "e643fa9460", "485156b139"),
            new Pair("sdbm", "", "b29db1915a", "7beb2aa338"),
            new Pair("CRC-32", "", "cd42ca44a0", "2384989c8a"),
            new Pair("CRC-32C", "", "775bdf38f3", "bba1733fd4"),
            new Pair("CRC-16", "", "a2def5d9a8", "c40ed661dc"),
            new Pair("Adler-32", "", "ed921b80ac", "2ddd036b6d"),
            new Pair("BINARY_CHECKSUM", "", "d2ba23246c", "f72a7c7d4c"));

    private static final List<Pair> WHOLE = List.of(
            new Pair("FNV-1", "", "kit-58bfa77d61ff", "kit-5e7c14023f83"),
            new Pair("FNV-1a", "", "kit-6cf2ffac4378", "kit-9d1093276ade"),
            new Pair("djb2 with xor", "", "kit-893c4d290770", "kit-7c5f82463273"),
            new Pair("one at a time", "", "kit-f4b58b550691", "kit-eff05d62a1f4"),
            new Pair("Murmur2", "", "kit-03963f0243c8", "kit-0f8a346c2ace"),
            new Pair("Murmur3", "", "kit-a57efc1b93e1", "kit-de6619a5d99d"),
            new Pair("xxHash32", "", "kit-cb5d5b4fdc49", "kit-d1cfa608f07c"),
            new Pair("hashtext", "", "kit-b117d06a8594", "kit-fae2c26908d3"),
            new Pair("MD5 first", "", "kit-71dad6588d8e", "kit-7de5df0a78e1"),
            new Pair("MD5 last", "", "kit-2df765f88daa", "kit-8ae1c5935e94"),
            new Pair("SHA-1 first", "", "kit-f42bc80c96a5", "kit-f23ca91737e2"),
            new Pair("SHA-1 last", "", "kit-e9cd9e52a1e9", "kit-aed20ba46924"),
            new Pair("SHA-256 first", "", "kit-501e85133ab2", "kit-31124acbec75"),
            new Pair("SHA-256 last", "", "kit-296dffac54aa", "kit-3068660b4ae7"));

    /** What meets with the usual prefix before it. */
    private static final List<Pair> PREFIXED = List.of(
            new Pair("FNV-1a", "holdfast:", "kit-6825278b657d", "kit-04deeeaf17b8"),
            new Pair("Murmur3", "holdfast:", "kit-d2cc7d537ffd", "kit-97ec53048835"),
            new Pair("hashtext", "holdfast:", "kit-8c54c256706d", "kit-43c9d5d647c0"),
            new Pair("MD5 first", "holdfast:", "kit-493573113731", "kit-ee8504fbe88c"),
            new Pair("SHA-1 first", "holdfast:", "kit-cbb0100b113d", "kit-c0344bbdee68"),
            new Pair("SHA-256 first", "holdfast:", "kit-6b7f9ee77da8", "kit-a8841147c84b"),
            new Pair("FNV-1a", "holdfast/", "kit-0f091b523440", "kit-5bea76d9dea5"),
            new Pair("Murmur3", "holdfast/", "kit-8e2b8a62f0f8", "kit-664202099bdb"),
            new Pair("hashtext", "holdfast/", "kit-99ce0eb27cf5", "kit-bb636226ada9"),
            new Pair("MD5 first", "holdfast/", "kit-96af9ccb4967", "kit-689cf4a675b7"),
            new Pair("SHA-1 first", "holdfast/", "kit-580885a85165", "kit-42517e29d84b"),
            new Pair("SHA-256 first", "holdfast/", "kit-c19d988065f8", "kit-7781fd6aef9d"));

    private Collisions() {}

    /** All pairs. */
    static List<Pair> all(String stem) {
        List<Pair> pairs = new ArrayList<>();
        ENDS.forEach(pair ->
                pairs.add(new Pair(pair.hash(), pair.before(), stem + "-" + pair.one(), stem + "-" + pair.other())));
        pairs.addAll(WHOLE);
        pairs.addAll(PREFIXED);
        return pairs;
    }
}
