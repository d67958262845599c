// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** Sends what the engine and the backends log through the tool's own report; warnings and errors only, unless it is verbose. */
public final class ReportLoggerFinder extends System.LoggerFinder {
    private static volatile Report report = Report.toStandardError(Report.Style.NORMAL);

    /** Made by {@link java.util.ServiceLoader}. */
    public ReportLoggerFinder() {}

    /** Where log lines go from now on. */
    static void use(Report newReport) {
        report = newReport;
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
            return level.compareTo(Level.WARNING) >= 0
                    || (level == Level.INFO && report.style() == Report.Style.VERBOSE);
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
            if (isLoggable(level)) {
                String cause = thrown == null ? "" : " (" + thrown + ")";
                Report.Weight weight = level.compareTo(Level.WARNING) > 0 ? Report.Weight.ERROR : Report.Weight.NOTICE;
                report.say(
                        weight,
                        "log",
                        message + cause,
                        new Json().with("logger", name).with("level", level));
            }
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
