// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends what the engine and the backends log through the tool's own report; warnings and errors only, unless it is verbose. While
 * the kit runs it goes to java.util.logging, as in a program without a finder of its own: the kit listens there.
 */
public final class ReportLoggerFinder extends System.LoggerFinder {
    private static final String ENGINE = "io.holdfast";

    private static volatile Report report = Report.toStandardError(Report.Style.NORMAL);
    private static volatile boolean engineIsLeftOut;
    private static volatile boolean kitListens;

    /** Made by {@link java.util.ServiceLoader}. */
    public ReportLoggerFinder() {}

    /** Where log lines go from now on. */
    static void use(Report newReport) {
        report = newReport;
        engineIsLeftOut = false;
        kitListens = false;
    }

    /** Everything goes to java.util.logging, until the next {@link #use}. */
    static void handToKit() {
        kitListens = true;
    }

    /** The engine's warnings are said to who is verbose only, until the next {@link #use}: the command tells the same itself. */
    static void leaveOutEngine() {
        engineIsLeftOut = true;
    }

    @Override
    public System.Logger getLogger(String name, Module module) {
        return new ReportLogger(name);
    }

    /** Knows no levels of its own: the report's style decides. */
    private record ReportLogger(String name) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            if (kitListens) {
                return Logger.getLogger(name).isLoggable(inJavaUtilLogging(level));
            }
            if (report.style() == Report.Style.VERBOSE) {
                return level.compareTo(Level.INFO) >= 0;
            }
            boolean leftOut = engineIsLeftOut && name.equals(ENGINE) && level == Level.WARNING;
            return level.compareTo(Level.WARNING) >= 0 && !leftOut;
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
            if (kitListens) {
                LogRecord entry = new LogRecord(inJavaUtilLogging(level), message);
                entry.setLoggerName(name);
                entry.setThrown(thrown);
                Logger.getLogger(name).log(entry);
            } else if (isLoggable(level)) {
                String cause = thrown == null ? "" : " (" + inWords(thrown) + ")";
                Report.Weight weight = level.compareTo(Level.WARNING) > 0 ? Report.Weight.ERROR : Report.Weight.NOTICE;
                report.say(
                        weight,
                        "log",
                        message + cause,
                        new Json().with("logger", name).with("level", level));
            }
        }

        private static java.util.logging.Level inJavaUtilLogging(Level level) {
            return switch (level) {
                case ALL -> java.util.logging.Level.ALL;
                case TRACE -> java.util.logging.Level.FINER;
                case DEBUG -> java.util.logging.Level.FINE;
                case INFO -> java.util.logging.Level.INFO;
                case WARNING -> java.util.logging.Level.WARNING;
                case ERROR -> java.util.logging.Level.SEVERE;
                case OFF -> java.util.logging.Level.OFF;
            };
        }

        /** What it says, without the names of classes unless it says nothing. */
        private static String inWords(Throwable thrown) {
            Throwable cause = thrown.getCause();
            if ((thrown instanceof CompletionException || thrown instanceof ExecutionException) && cause != null) {
                return inWords(cause);
            }
            String message = thrown.getMessage();
            return message == null ? thrown.getClass().getSimpleName() : message;
        }

        /** The interface's own defaults hand in null for no arguments. */
        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, String format, @Nullable Object @Nullable ... arguments) {
            boolean plain = arguments == null || arguments.length == 0;
            log(level, bundle, plain ? format : MessageFormat.format(format, arguments), (Throwable) null);
        }
    }
}
