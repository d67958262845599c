// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How this process knows which messages our scripts sent (rule SP-8): whoever may publish can write the same words.
 *
 * <p>Each contender has a secret in its entry, which a subscriber cannot read, and a message ends in a digest of its words and that
 * secret. So a message cannot be made up, and a copy of one says nothing that the store had not done before. The secrets come from
 * one random key and the contender's id: those of contenders long gone are known, and those of other processes are not.
 * Immutable.
 */
final class MessageKey {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int SECRET_BYTES = 16;

    /** With the key in it; only copies of it work. Looking the algorithm up takes longer than the digest, and each contender needs one. */
    private final Mac mac;

    MessageKey() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(random, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /** What stands in the contender's entry: 128 bits in hexadecimal digits. */
    String secretOf(String contender) {
        byte[] code = copy().doFinal(contender.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(code, 0, SECRET_BYTES);
    }

    private Mac copy() {
        try {
            return (Mac) mac.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the " + ALGORITHM + " of this JDK cannot be copied", e);
        }
    }

    /** Whether a script of ours, which has read this contender's entry, sent these words. */
    boolean proves(String contender, String words, String proof) {
        byte[] expected = Script.sha1(words + " " + secretOf(contender)).getBytes(StandardCharsets.US_ASCII);
        return MessageDigest.isEqual(expected, proof.getBytes(StandardCharsets.UTF_8));
    }
}
