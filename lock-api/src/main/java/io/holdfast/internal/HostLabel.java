// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal;

import io.holdfast.LockNames;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who this process is, for people who look at a store: host name and process id. */
public final class HostLabel {
    private static final int HOST_LENGTH = 180;

    private HostLabel() {}

    /** Such as {@code web-1/4711}; at most 200 characters. */
    public static String get() {
        return Holder.LABEL;
    }

    /** The first usable of the variable HOSTNAME, a host name file, and the resolver, which may wait for DNS. */
    static String host(String variable, Path file) {
        String name = plain(variable);
        if (name.isEmpty()) {
            name = plain(firstLine(file));
        }
        return name.isEmpty() ? plain(resolved()) : name;
    }

    private static String firstLine(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
        } catch (IOException none) {
            return "";
        }
    }

    private static String resolved() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }

    private static String plain(String name) {
        String shown = LockNames.printable(name.strip());
        return shown.length() <= HOST_LENGTH ? shown : shown.substring(0, HOST_LENGTH);
    }

    private static final class Holder {
        static final String LABEL = host(System.getenv().getOrDefault("HOSTNAME", ""), Path.of("/etc/hostname")) + "/"
                + ProcessHandle.current().pid();
    }
}
