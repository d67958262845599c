// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/** Calls the tool's main again and again in one virtual machine, where starting one for each call would only cost time. */
public final class WarmRuns {
    private WarmRuns() {}

    /**
     * Notes every finished call as a line with exit code and milliseconds.
     *
     * @param args the store, how many calls, the file of notes
     */
    public static void main(String[] args) throws IOException {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("TOOL", Long.toString(ProcessHandle.current().pid()));
        Main main = new Main(new ConfiguredStores(), environment);
        for (int call = 0; call < Integer.parseInt(args[1]); call++) {
            long start = System.nanoTime();
            int code = main.run("run", "--url", args[0], "counter", "sh", "section.sh");
            String note = code + " " + (System.nanoTime() - start) / 1_000_000 + "\n";
            Files.writeString(Path.of(args[2]), note, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        System.exit(0);
    }
}
