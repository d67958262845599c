// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.StoreFaults;
import io.holdfast.tck.process.JavaProcess;
import java.time.Duration;
import java.util.List;
import org.h2.engine.Constants;

/** A database of H2 in the memory of a process of its own: its threads are no client's. */
final class H2Fixture implements LockBackendFixture {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final JavaProcess server = JavaProcess.start(H2Main.class, PATIENCE, List.of());
    private final String database;
    private final Rows rows;

    H2Fixture() throws InterruptedException {
        database = "jdbc:h2:tcp://localhost:" + server.answer("port")[1] + "/mem:kit";
        rows = new Rows(database + ";DB_CLOSE_DELAY=-1", "");
    }

    @Override
    public String url() {
        return database + "?create-table=true&connections=8";
    }

    @Override
    public List<String> residue() {
        return rows.held();
    }

    @Override
    public StoreFaults faults() {
        return new StoreFaults() {
            @Override
            public void deleteHolder(String name) {
                rows.free(name);
            }
        };
    }

    @Override
    public String serverVersion() {
        return Constants.VERSION;
    }

    @Override
    public void close() {
        rows.close();
        server.close();
    }
}
