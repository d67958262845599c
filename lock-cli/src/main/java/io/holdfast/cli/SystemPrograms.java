// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where the tool finds the programs that it needs itself. What keeps COMMAND from outliving the lock must not be what the caller's
 * {@code PATH} happens to find first, which may have none of them, or others (rule TO-2).
 *
 * @param places looked in first
 * @param searchPath as {@code PATH}, for a system that has them elsewhere
 */
record SystemPrograms(List<Path> places, String searchPath) {
    static SystemPrograms of(Map<String, String> environment) {
        return new SystemPrograms(List.of(Path.of("/usr/bin"), Path.of("/bin")), environment.getOrDefault("PATH", ""));
    }

    /**
     * The file to start.
     *
     * @param name such as {@code setsid}
     * @throws IOException when it is nowhere
     */
    String find(String name) throws IOException {
        Stream<Path> more = Stream.of(searchPath.split(File.pathSeparator, -1))
                .filter(part -> part.startsWith("/")) // never where the caller happens to be
                .map(Path::of);
        return Stream.concat(places.stream(), more)
                .map(place -> place.resolve(name))
                .filter(Files::isRegularFile)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IOException("there is no " + name + " in " + places + " nor in PATH"))
                .toString();
    }
}
