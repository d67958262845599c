// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Ends the servers that are left when the JVM ends, and deletes what they wrote.
 *
 * <p>A small process beside the JVM reads from it which processes and directories are its servers'. When the JVM is gone,
 * however it went, killed too, the reading ends, and it does its work. A process is ended only if its command line still names one of the
 * directories: its number may be another's by then.
 */
final class Reaper {
    private static final String SCRIPT =
            """
            trap '' HUP INT TERM
            IFS='
            '
            set -f
            pids= directories=
            while read -r line; do
                case $line in
                    pid=*) pids="$pids
            ${line#pid=}" ;;
                    directory=*) directories="$directories
            ${line#directory=}" ;;
                esac
            done
            for pid in $pids; do
                command=$(tr '\\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null || ps -p "$pid" -o command= 2>/dev/null)
                for directory in $directories; do
                    case $command in *"$directory"*) kill -9 "$pid" ;; esac
                done
            done
            for directory in $directories; do
                # What has just been ended may still write.
                rm -rf -- "$directory" || { sleep 2; rm -rf -- "$directory"; }
            done
            """;

    private static @Nullable Writer toScript;

    private Reaper() {}

    static void watch(long pid) {
        tell("pid=" + pid);
    }

    static void watch(Path directory) {
        tell("directory=" + directory);
    }

    private static synchronized void tell(String line) {
        try {
            if (toScript == null) {
                Process script = new ProcessBuilder("sh", "-c", SCRIPT)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                toScript = script.outputWriter(StandardCharsets.UTF_8);
            }
            toScript.write(line + "\n");
            toScript.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("no process to end servers that are left behind", e);
        }
    }
}
