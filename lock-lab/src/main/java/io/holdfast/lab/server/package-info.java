// SPDX-License-Identifier: Apache-2.0
/**
 * Real servers for tests, single or as a cluster, with TLS and credentials on request: as containers where Docker is, else as
 * programs installed on the machine.
 *
 * <p>{@link io.holdfast.lab.server.Servers} has one of each kind for all tests of a JVM; {@link
 * io.holdfast.lab.server.ServerSpec} starts one of one's own.
 *
 * <p>Experimental: it may change in any minor release before 1.0.0.
 */
@NullMarked
package io.holdfast.lab.server;

import org.jspecify.annotations.NullMarked;
