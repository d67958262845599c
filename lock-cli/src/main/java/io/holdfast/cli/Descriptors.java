// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The open descriptors above 2 that the tool was started with, for COMMAND (rule TO-5). Java closes them on the way to every child, so
 * COMMAND opens anew what they lead to: the same file or pipe, at the same place.
 *
 * @param openings what a shell's {@code exec} opens them with, a line each, as {@code 5>>/proc/7/fd/5}
 * @param missing those that cannot be handed on: sockets and named pipes
 * @param beyondNine whether one has a number that only some shells can write
 */
record Descriptors(List<String> openings, List<Integer> missing, boolean beyondNine) {
    static final Descriptors NONE = new Descriptors(List.of(), List.of(), false);

    /** Which of those that are open now were so when the tool was started; the script says it. */
    private static final String GIVEN = "io.holdfast.cli.descriptors";

    private static final int ACCESS_MODE = 3;

    /** Of this process. */
    static Descriptors ofThisProcess() {
        String given = System.getProperty(GIVEN, "").strip();
        if (given.isEmpty()) {
            return NONE;
        }
        List<String> openings = new ArrayList<>();
        List<Integer> missing = new ArrayList<>();
        boolean beyondNine = false;
        for (String number : given.split(" +", -1)) {
            int descriptor = Integer.parseInt(number);
            Optional<String> opening = opening(descriptor);
            opening.ifPresentOrElse(openings::add, () -> missing.add(descriptor));
            beyondNine |= opening.isPresent() && descriptor > 9;
        }
        return new Descriptors(openings, missing, beyondNine);
    }

    private static Optional<String> opening(int descriptor) {
        String path = "/proc/" + ProcessHandle.current().pid() + "/fd/" + descriptor;
        try {
            String target = Files.readSymbolicLink(Path.of(path)).toString();
            boolean pipe = target.startsWith("pipe:");
            if (!pipe && (!target.startsWith("/") || isNamedPipe(path))) {
                // A socket cannot be opened anew, and a named pipe would wait for its other end.
                return Optional.empty();
            }
            List<String> info =
                    Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor), StandardCharsets.ISO_8859_1);
            long position = value(info, "pos:", 10);
            String open = descriptor + operator((int) value(info, "flags:", 8), pipe) + path;
            // Moves the descriptor that it is given, and reads nothing.
            return Optional.of(
                    position == 0 || open.contains(">>")
                            ? open
                            : open + "; dd bs=1 count=0 skip=" + position + " <&" + descriptor + " 2>/dev/null");
        } catch (IOException | RuntimeException closed) {
            return Optional.empty();
        }
    }

    private static boolean isNamedPipe(String path) throws IOException {
        int mode = ((Number) Files.getAttribute(Path.of(path), "unix:mode")).intValue();
        return (mode & 0170000) == 0010000;
    }

    private static long value(List<String> info, String key, int radix) {
        return info.stream()
                .filter(line -> line.startsWith(key))
                .mapToLong(line -> Long.parseLong(line.substring(key.length()).strip(), radix))
                .findFirst()
                .orElse(0);
    }

    /** Never one that would empty a file. */
    private static String operator(int flags, boolean pipe) {
        return switch (flags & ACCESS_MODE) {
            case 0 -> "<";
            case 1 -> pipe ? ">" : ">>";
            default -> "<>";
        };
    }

    /** For the launching script. */
    String asLines() {
        return String.join("\n", openings);
    }
}
