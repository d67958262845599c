// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is meant by an option of {@code flock}, {@code consul lock} or {@code etcdctl lock} in front of NAME. Asked before the line is
 * taken apart: some of them would be read as a short option of ours with a value, or as several.
 */
final class ForeignOptions {
    private static final String LEAVE_OUT = "leave it out: ";

    /** Those of ours whose next word is a value. */
    private static final Set<String> WITH_VALUE = Set.of(
            "-w",
            "--wait",
            "-E",
            "--conflict-exit-code",
            "--at-least",
            "--at-most",
            "-k",
            "--kill-after",
            "-u",
            "--url",
            "--config",
            "--class-path",
            "-c",
            "--shell",
            "--lease");

    /** By name without dashes; VALUE stands for theirs. Only names that no option of ours has. */
    private static final Map<String, String> MEANT = Map.ofEntries(
            Map.entry("child-exit-code", LEAVE_OUT + "COMMAND's own exit code is always given"),
            Map.entry("name", LEAVE_OUT + "who holds the lock is told by host and process"),
            Map.entry("try", "use --wait VALUE"),
            Map.entry("timeout", "use --wait VALUE"),
            Map.entry("monitor-retry", "use --lease DURATION: so long an outage is ridden through"),
            Map.entry("session-ttl", "use --lease VALUE"),
            Map.entry("ttl", "use --lease VALUE"),
            Map.entry("pass-stdin", LEAVE_OUT + "COMMAND always has the standard input"),
            Map.entry("http-addr", "use --url consul://HOST:PORT"),
            Map.entry("endpoints", "use --url etcd://HOST:PORT,HOST:PORT"),
            Map.entry("token", "use the variable HOLDFAST_PASSWORD, or HOLDFAST_PASSWORD_FILE"),
            Map.entry("nonblock", "use --no-wait"),
            Map.entry("nb", "use --no-wait"),
            Map.entry("exclusive", LEAVE_OUT + "every lock is exclusive"),
            Map.entry("x", LEAVE_OUT + "every lock is exclusive"),
            Map.entry("e", LEAVE_OUT + "every lock is exclusive"),
            Map.entry("shared", "there are no shared locks yet"),
            Map.entry("s", "there are no shared locks yet"),
            Map.entry("close", LEAVE_OUT + "COMMAND never has the lock's descriptor"),
            Map.entry("o", LEAVE_OUT + "COMMAND never has the lock's descriptor"),
            Map.entry("no-fork", LEAVE_OUT + "COMMAND is always watched"),
            Map.entry("F", LEAVE_OUT + "COMMAND is always watched"),
            Map.entry("unlock", LEAVE_OUT + "the lock ends with COMMAND"),
            Map.entry("command", "use --shell STRING"));

    private static final Pattern BARE_NUMBER = Pattern.compile("[0-9]+");
    private static final Pattern SHELL = Pattern.compile("-?-shell(=.*)?");
    private static final Pattern OPTION = Pattern.compile("--?([A-Za-z][A-Za-z-]*)(?:=(.*))?");

    private ForeignOptions() {}

    /**
     * Looks at the words before NAME.
     *
     * @param words of which the first is {@code run}
     * @return what is wrong and what is meant
     */
    static Optional<String> advice(String[] words) {
        for (int i = 1; i < words.length && words[i].startsWith("-") && !words[i].equals("--"); i++) {
            String next = i + 1 < words.length ? words[i + 1] : "";
            Optional<String> advice = adviceOn(words[i], next);
            if (advice.isPresent()) {
                return advice;
            }
            i += WITH_VALUE.contains(words[i]) ? 1 : 0;
        }
        return Optional.empty();
    }

    private static Optional<String> adviceOn(String word, String next) {
        if (SHELL.matcher(word).matches() && (word.startsWith("-shell") || word.equals("--shell=false"))) {
            return Optional.of("'" + word + "' is an option of consul lock; " + LEAVE_OUT
                    + "COMMAND is run without a shell, unless" + " -c STRING is given");
        }
        Matcher option = OPTION.matcher(word);
        // -n3 and -w5 are ours, with a value; so is -n=3 of consul lock, which means something else.
        if (word.startsWith("-n=")) {
            return Optional.of("'" + word + "' is an option of consul lock; there are no semaphores yet");
        }
        if (!option.matches() || !MEANT.containsKey(option.group(1))) {
            return Optional.empty();
        }
        String value = option.group(2) == null ? next : option.group(2);
        String duration = BARE_NUMBER.matcher(value).matches() ? value + "s" : value;
        String shown = duration.isEmpty() || duration.startsWith("-") ? "DURATION" : duration;
        String meant = MEANT.getOrDefault(option.group(1), "");
        return Optional.of(
                "'" + word + "' is an option of " + whose(option.group(1)) + "; " + meant.replace("VALUE", shown));
    }

    private static String whose(String name) {
        List<String> tools = new ArrayList<>();
        if (Set.of(
                        "child-exit-code",
                        "name",
                        "try",
                        "timeout",
                        "monitor-retry",
                        "session-ttl",
                        "pass-stdin",
                        "http-addr",
                        "token")
                .contains(name)) {
            tools.add("consul lock");
        }
        if (Set.of("ttl", "endpoints").contains(name)) {
            tools.add("etcdctl");
        }
        if (tools.isEmpty() || name.equals("timeout")) {
            tools.add("flock");
        }
        return String.join(" and ", tools);
    }
}
