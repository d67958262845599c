// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.nio.file.Path;
import java.util.List;

/**
 * Where one node lives.
 *
 * @param layout the server it is a node of
 * @param index its number, from 1
 * @param directory its directory: configuration, log, data
 * @param ports its ports on the loopback address, that for clients first
 */
record Site(Layout layout, int index, Path directory, List<Integer> ports) {
    String name() {
        return "n" + index;
    }

    ServerSpec spec() {
        return layout.spec();
    }

    int clientPort() {
        return ports.get(0);
    }

    int port(int number) {
        return ports.get(number);
    }

    /** What a restart without data deletes. */
    Path data() {
        return directory.resolve("data");
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    String endpoint() {
        return "127.0.0.1:" + clientPort();
    }

    /** For records of records: a site of a layout is told by its number, and layouts are not compared. */
    @Override
    public String toString() {
        return spec().kind() + " " + name() + " on " + endpoint();
    }
}
