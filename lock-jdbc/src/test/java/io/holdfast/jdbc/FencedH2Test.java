// SPDX-License-Identifier: Apache-2.0
package io.holdfast.jdbc;

import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

class FencedH2Test extends FencedDataSourceCases {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    @Override
    DataSource database() {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:fenced" + NUMBER.incrementAndGet()
                + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=20000;IGNORECASE=TRUE");
        return database;
    }

    @Override
    String waiting() {
        return "SELECT COUNT(*) FROM INFORMATION_SCHEMA.SESSIONS WHERE BLOCKER_ID IS NOT NULL";
    }
}
