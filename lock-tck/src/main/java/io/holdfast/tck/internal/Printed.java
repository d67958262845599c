// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * What is printed on standard output and error while it is open; it is printed all the same. Whoever took a stream before, as
 * some log systems do, is not heard. Thread-safe.
 */
final class Printed implements AutoCloseable {
    private final PrintStream outBefore = System.out;
    private final PrintStream errBefore = System.err;
    private final PrintStream out;
    private final PrintStream err;
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

    Printed() {
        out = new PrintStream(new Copy(outBefore), true, StandardCharsets.UTF_8);
        err = new PrintStream(new Copy(errBefore), true, StandardCharsets.UTF_8);
        System.setOut(out);
        System.setErr(err);
    }

    Stream<String> lines() {
        return heard.toString(StandardCharsets.UTF_8).lines();
    }

    /** A stream that somebody else has put there meanwhile stays: it is theirs to take away. */
    @Override
    public void close() {
        if (System.out == out) {
            System.setOut(outBefore);
        }
        if (System.err == err) {
            System.setErr(errBefore);
        }
    }

    /** Each write goes to both in one piece: lines of two threads must not be torn apart where they are searched. */
    private final class Copy extends OutputStream {
        private final PrintStream before;

        Copy(PrintStream before) {
            this.before = before;
        }

        @Override
        public void write(int one) {
            heard.write(one);
            before.write(one);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            heard.write(bytes, from, length);
            before.write(bytes, from, length);
        }

        @Override
        public void flush() {
            before.flush();
        }
    }
}
