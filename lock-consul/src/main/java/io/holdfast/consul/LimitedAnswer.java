// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/** An answer of which no more is read than a lock needs: what others have put under our prefix must not fill the heap. */
final class LimitedAnswer {
    /** Of some 20,000 contenders. */
    private static final int MOST = 8 << 20;

    /** More than nearly all answers have. */
    private static final int FIRST = 1 << 10;

    static final String TOO_LARGE = "answer too large";

    private LimitedAnswer() {}

    /** Told by its name: {@link Failures} shows no words of libraries. */
    private static final class AnswerTooLargeException extends IOException {
        private static final long serialVersionUID = 1;

        AnswerTooLargeException() {
            super("more than " + MOST + " bytes");
        }
    }

    /** Its text. One that is too large is left where it is: whoever asked closes the connection. */
    static String text(@Nullable HttpEntity entity) throws IOException {
        if (entity == null) {
            return "";
        }
        InputStream in = entity.getContent();
        // A length that is only said gets no more room than what has come.
        byte[] read = new byte[(int) Math.min(FIRST, Math.max(0, entity.getContentLength()) + 1)];
        int length = 0;
        for (int count = in.read(read); count >= 0; count = in.read(read, length, read.length - length)) {
            length += count;
            if (length > MOST) {
                throw new AnswerTooLargeException();
            }
            if (length == read.length) {
                read = Arrays.copyOf(read, 2 * length);
            }
        }
        return new String(read, 0, length, StandardCharsets.UTF_8);
    }
}
