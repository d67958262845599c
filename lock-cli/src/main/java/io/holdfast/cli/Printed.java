// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockNames;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * All that this process prints (rule ER-3): whatever a name, a store or a client library says, no terminal obeys it and no log breaks
 * its lines there. Thread-safe as the stream behind it.
 */
final class Printed extends OutputStream {
    private static volatile PrintStream terminal = System.err;
    private static volatile boolean installed;

    private final PrintStream behind;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);

    /** The beginning of a character whose end has not been written yet. */
    private final ByteBuffer pending = ByteBuffer.allocate(8);

    private final CharBuffer one = CharBuffer.allocate(2);

    private Printed(PrintStream behind) {
        this.behind = behind;
    }

    /** From now on standard output and error are escaped. */
    static void install() {
        terminal = System.err;
        installed = true;
        System.setOut(escaping(System.out));
        System.setErr(escaping(System.err));
    }

    static PrintStream escaping(PrintStream behind) {
        return new PrintStream(new Printed(behind), true, StandardCharsets.UTF_8);
    }

    /** Standard error for who writes lines that were escaped before, and moves the cursor. */
    static PrintStream terminal() {
        return installed ? terminal : System.err;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /** In one piece: a line must not be torn apart by another process's. */
    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
        StringBuilder out = new StringBuilder(length);
        for (int i = from; i < from + length; i++) {
            pending.put(bytes[i]).flip();
            decoder.decode(pending, one, false);
            pending.compact();
            out.append(taken());
        }
        byte[] shown = out.toString().getBytes(StandardCharsets.UTF_8);
        behind.write(shown, 0, shown.length);
    }

    private String taken() {
        one.flip();
        String text = one.toString();
        one.clear();
        return text.equals("\n") || text.equals("\t") ? text : LockNames.printable(text);
    }

    @Override
    public void flush() {
        behind.flush();
    }
}
