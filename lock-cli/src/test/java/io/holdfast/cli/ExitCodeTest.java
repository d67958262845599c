// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.FencingRegressionException;
import io.holdfast.LockClosedException;
import io.holdfast.LockConfigException;
import io.holdfast.LockDeniedException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockTimeoutException;
import io.holdfast.LockUnavailableException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class ExitCodeTest {
    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new LockTimeoutException("busy"), 75),
                Arguments.of(new LockUnavailableException("down"), 69),
                Arguments.of(new LockOutcomeUnknownException("no reply"), 69),
                Arguments.of(new LockDeniedException("who are you"), 77),
                Arguments.of(new LockConfigException("lease"), 78),
                Arguments.of(new IllegalArgumentException("a lock name must not be empty"), 64),
                Arguments.of(new ToolException(126, "not executable"), 126),
                Arguments.of(new FencingRegressionException("old token"), 125),
                Arguments.of(new LockClosedException("closed"), 125),
                Arguments.of(new IllegalStateException("a defect"), 125));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void everyFailureHasItsCode(RuntimeException failure, int code) {
        assertThat(ExitCode.of(failure)).isEqualTo(code);
    }

    /** Those of {@code run}; the inquiries have small ones of their own, each with a table. */
    private static Set<Integer> codesOfRun() throws IllegalAccessException {
        Set<Integer> codes = new HashSet<>();
        for (Field field : ExitCode.class.getDeclaredFields()) {
            if (field.getType() == int.class && field.getInt(null) >= ExitCode.USAGE) {
                codes.add(field.getInt(null));
            }
        }
        return codes;
    }

    private static Set<Integer> numbersIn(String page, String firstLine) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("..").resolve(page));
        int at = lines.indexOf(firstLine);
        assertThat(at).as("'%s' in %s", firstLine, page).isNotNegative();
        Set<Integer> numbers = new HashSet<>();
        lines.subList(at + 2, lines.size()).stream()
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> line.split("\\|", -1)[1].replaceAll("128 ?\\+ ?n", ""))
                .forEach(cell -> Pattern.compile("[0-9]+")
                        .matcher(cell)
                        .results()
                        .forEach(number -> numbers.add(Integer.parseInt(number.group()))));
        return numbers;
    }

    @Test
    void theHelpOfRunHasEveryCodeOfItsPage() throws IOException {
        String help = new CommandLine(new RunCommand(
                        (options, report) -> {
                            throw new AssertionError("help asks no store");
                        },
                        Map.of()))
                .getUsageMessage();
        String codes = help.substring(help.indexOf("Exit codes:"), help.indexOf("Examples:"));
        Set<Integer> said = new HashSet<>();
        Pattern.compile("(?<![-+0-9])[0-9]++(?!\\+)")
                .matcher(codes)
                .results()
                .forEach(number -> said.add(Integer.parseInt(number.group())));
        assertThat(said).isEqualTo(numbersIn("docs/cli.md", "| exit | when |"));
    }

    @Test
    void thePagesHaveEveryCode() throws Exception {
        Set<Integer> codes = codesOfRun();
        assertThat(numbersIn("README.md", "| exit | when |")).isEqualTo(codes);
        for (int signal : List.of(1, 2, 15)) {
            codes.add(ExitCode.ofSignal(signal));
        }
        assertThat(numbersIn("docs/cli.md", "| exit | when |")).isEqualTo(codes);
    }
}
