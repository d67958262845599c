// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.HookMissing;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;

/**
 * All that is said while it is open: every record of java.util.logging, those of Holdfast at every level; what is printed on
 * standard output and error, where other log systems write; and what a test adds to it. Thread-safe.
 */
public final class Said extends Handler implements AutoCloseable {
    /** Kept, because the log system keeps a logger only as long as somebody refers to it. */
    private final Logger ours = Logger.getLogger("io.holdfast");

    private final Logger all = Logger.getLogger("");
    private final Level levelBefore = ours.getLevel();
    private final boolean showedBefore = ours.getUseParentHandlers();
    private final SimpleFormatter formatter = new SimpleFormatter();
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Printed printed = new Printed();

    public Said() {
        setLevel(Level.ALL);
        all.addHandler(this);
        ours.addHandler(this);
        ours.setUseParentHandlers(false); // nobody wants to see what is provoked here
        ours.setLevel(Level.ALL);
    }

    @Override
    public void publish(LogRecord entry) {
        said.add(entry.getLoggerName() + " " + formatter.format(entry));
    }

    /** Adds what was shown in another way. */
    public void add(Object shown) {
        said.add(String.valueOf(shown));
    }

    /** Adds an error with its causes and its frames, as a program would print it. */
    public void add(Throwable error) {
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        said.add(text.toString());
    }

    public boolean has(String text) {
        return !with(text).isEmpty();
    }

    /** What was said with a text in it. */
    public List<String> with(String text) {
        return Stream.concat(said.stream(), printed.lines())
                .filter(one -> one.contains(text))
                .toList();
    }

    /**
     * Sees to it that a test which looks for what is logged does not pass because nothing of it came here.
     *
     * @throws HookMissing when another log system takes what Holdfast logs, and does not print it either
     */
    public void needsToHear() throws Exception {
        if (!LogProbe.arrives(this::has)) {
            throw new HookMissing(LogProbe.WHAT_IS_MISSING);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        printed.close();
        all.removeHandler(this);
        ours.removeHandler(this);
        ours.setLevel(levelBefore); // first: what is provoked to the last is not shown either
        ours.setUseParentHandlers(showedBefore);
    }
}
