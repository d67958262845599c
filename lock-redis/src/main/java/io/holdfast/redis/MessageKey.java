// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
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

    private final SecretKeySpec key;

    MessageKey() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        key = new SecretKeySpec(random, ALGORITHM);
    }

    /** What stands in the contender's entry: 128 bits in hexadecimal digits. */
    String secretOf(String contender) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            byte[] code = mac.doFinal(contender.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(code, SECRET_BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /** Whether a script of ours, which has read this contender's entry, sent these words. */
    boolean proves(String contender, String words, String proof) {
        byte[] expected = Script.sha1(words + " " + secretOf(contender)).getBytes(StandardCharsets.US_ASCII);
        return MessageDigest.isEqual(expected, proof.getBytes(StandardCharsets.UTF_8));
    }
}
