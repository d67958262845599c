// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder that gets the report of each run, if there is one. */
final class ReportFolder {
    /** The system property that names it. */
    static final String PROPERTY = "holdfast.tck.report";

    private ReportFolder() {}

    static void keep(TckReport report) {
        String folder = System.getProperty(PROPERTY);
        if (folder != null) {
            String name = report.store().address().replaceAll("[^A-Za-z0-9]+", "-");
            try {
                Files.createDirectories(Path.of(folder));
                Files.writeString(Path.of(folder, name + ".json"), report.json());
                Files.writeString(Path.of(folder, name + ".html"), report.html());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
