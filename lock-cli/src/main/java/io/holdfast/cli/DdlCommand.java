// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockConfig;
import io.holdfast.spi.StoreUri;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** {@code holdfast ddl}. */
@Command(
        name = "ddl",
        description = "Prints the statements that make what the store must have, such as a table; asks no store.",
        footer = {
            "",
            "Exit codes: 0; 77, 78, 64, 125 as for run.",
            "",
            "Examples:",
            "  holdfast ddl --url jdbc:postgresql://db/app | psql app",
            "  holdfast ddl --url 'jdbc:mariadb://db/app?table=app.locks'"
        })
final class DdlCommand extends StoreCommand {
    private final PrintWriter out;

    DdlCommand(Stores stores, PrintWriter out) {
        super(stores);
        this.out = out;
    }

    @Override
    int execute(Report report) {
        LockConfig config = config(report);
        String statements = config.ddl();
        StoreUri store = config.uri().orElseThrow();
        Json fields = new Json().with("store", store).with("ddl", statements);
        if (style() == Report.Style.JSON) {
            out.println(fields);
        } else if (!statements.isEmpty()) {
            out.print(statements);
            out.flush();
        } else {
            report.say(Report.Weight.NOTICE, "ddl", store + ": nothing has to be made before it is used", fields);
        }
        return ExitCode.OK;
    }
}
