// SPDX-License-Identifier: Apache-2.0
/** The compatibility kit: the rules of Holdfast as tests for any backend. */
module io.holdfast.tck {
    requires java.logging;
    requires java.management;
    requires transitive io.holdfast;
    requires transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;
    requires org.junit.platform.engine;
    requires transitive org.junit.platform.launcher;
    requires transitive org.opentest4j;

    exports io.holdfast.tck;
    exports io.holdfast.tck.process;

    // JUnit makes the kits and calls their tests.
    opens io.holdfast.tck to
            org.junit.platform.commons;

    uses io.holdfast.spi.LockBackendProvider;
}
