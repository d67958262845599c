// SPDX-License-Identifier: Apache-2.0
/**
 * Locks as rows of an SQL database, by JDBC: {@code jdbc:postgresql:}, {@code jdbc:mariadb:}, {@code jdbc:mysql:}, {@code jdbc:h2:}.
 *
 * <p>One row a name; one statement to acquire, one to release, one to renew all holds of a client. Class B: leases end by the
 * database's clock, which somebody may set.
 *
 * <p>Experimental: it may change in any minor release before 1.0.0.
 */
@NullMarked
package io.holdfast.jdbc;

import org.jspecify.annotations.NullMarked;
