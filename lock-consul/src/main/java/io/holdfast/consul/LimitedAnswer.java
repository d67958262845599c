// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.http.HttpEntity;
import org.apache.http.entity.HttpEntityWrapper;

/** An answer of which no more is read than a lock needs: what others have put under our prefix must not fill the heap. */
final class LimitedAnswer extends HttpEntityWrapper {
    /** Of some 20,000 contenders. */
    private static final long MOST = 8L << 20;

    static final String TOO_LARGE = "answer too large";

    LimitedAnswer(HttpEntity whole) {
        super(whole);
    }

    /** Told by its name: {@link Failures} shows no words of libraries. */
    private static final class AnswerTooLargeException extends IOException {
        private static final long serialVersionUID = 1;

        AnswerTooLargeException() {
            super("more than " + MOST + " bytes");
        }
    }

    @Override
    public InputStream getContent() throws IOException {
        return new FilterInputStream(super.getContent()) {
            private long left = MOST;

            @Override
            public int read() throws IOException {
                int one = super.read();
                taken(one < 0 ? 0 : 1);
                return one;
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                int count = super.read(bytes, from, length);
                taken(Math.max(0, count));
                return count;
            }

            /** Closing would read the rest; whoever asked closes the connection instead. */
            @Override
            public void close() throws IOException {
                if (left >= 0) {
                    super.close();
                }
            }

            private void taken(int count) throws IOException {
                left -= count;
                if (left < 0) {
                    throw new AnswerTooLargeException();
                }
            }
        };
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (InputStream content = getContent()) {
            content.transferTo(out);
        }
    }
}
