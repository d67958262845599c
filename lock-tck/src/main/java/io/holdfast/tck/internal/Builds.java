// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.tck.RuleBook;
import io.holdfast.tck.TckRun;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;

/** Which kit this is, and on which machine. */
final class Builds {
    private Builds() {}

    static TckRun.Build kit() throws IOException {
        Properties build = new Properties();
        try (InputStream in = Builds.class.getResourceAsStream("build.properties")) {
            build.load(Objects.requireNonNull(in, "build.properties is missing in the kit's jar"));
        }
        InputStream rules = Objects.requireNonNull(RuleBook.class.getResourceAsStream("SPEC.md"), "SPEC.md is missing");
        return new TckRun.Build(build.getProperty("version", ""), build.getProperty("commit", ""), Jars.sha256(rules));
    }

    static TckRun.Machine machine() {
        return new TckRun.Machine(
                System.getProperty("java.runtime.version") + " (" + System.getProperty("java.vendor") + ")",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors());
    }
}
