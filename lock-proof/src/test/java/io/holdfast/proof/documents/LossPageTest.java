// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The reasons of losses that docs/losing-a-lock.md explains are those that the code gives, all of them. */
class LossPageTest {
    private static final List<String> MODULES =
            List.of("lock-api", "lock-local", "lock-redis", "lock-zookeeper", "lock-etcd", "lock-consul", "lock-jdbc");

    /** What ends a hold, a grant or a session with a reason. */
    private static final Pattern ENDING =
            Pattern.compile("\\b(?:lose|lost|gone|end|shortened|sessionLost|grantLost|new LockLoss)\\(");

    private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern CONSTANT = Pattern.compile("\\b[A-Z][A-Z_]{3,}\\b");

    /** Ends a session under which nothing is held or waited for: nobody hears of it. */
    private static final Set<String> UNHEARD = Set.of("the connection broke while nothing was held or waited for");

    private static final String PAGE = Project.text(Project.root().resolve("docs/losing-a-lock.md"));
    private static final String TABLE =
            PAGE.substring(PAGE.indexOf("| reason |"), PAGE.indexOf("## Holds that nobody"));

    private static final String CODE = Project.files(".java").stream()
            .filter(file ->
                    MODULES.stream().anyMatch(module -> Project.shown(file).startsWith(module + "/src/main/")))
            .map(Project::text)
            .collect(Collectors.joining());

    private static Stream<String> texts(String java) {
        return TEXT.matcher(java).results().map(found -> found.group(1));
    }

    /** What stands between a bracket and the one that closes it, whatever is in texts. */
    private static String inBrackets(String code, int from) {
        int depth = 1;
        boolean text = false;
        for (int i = from; i < code.length(); i++) {
            char c = code.charAt(i);
            text ^= c == '"' && code.charAt(i - 1) != '\\';
            depth += text ? 0 : c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0) {
                return code.substring(from, i);
            }
        }
        return "";
    }

    /** The value of a constant, wherever it is: reasons have names of their own. */
    private static Stream<String> constant(String name) {
        return Pattern.compile("String " + name + " =\\s*\"([^\"]*)\"")
                .matcher(CODE)
                .results()
                .map(found -> found.group(1));
    }

    /** In parts, where something is put in between; a part of a word or two says nothing. */
    private static Set<String> given() {
        Set<String> given = new TreeSet<>();
        Matcher ending = ENDING.matcher(CODE);
        while (ending.find()) {
            String arguments = inBrackets(CODE, ending.end());
            Stream.concat(
                            texts(arguments),
                            CONSTANT.matcher(arguments).results().flatMap(found -> constant(found.group())))
                    .map(String::strip)
                    .filter(part -> part.split(" ").length >= 3)
                    .forEach(given::add);
        }
        given.removeAll(UNHEARD);
        return given;
    }

    @Test
    void whatThePageExplainsTheCodeSays() {
        assertThat(texts(TABLE)
                        .flatMap(reason -> Stream.of(reason.split("…")))
                        .map(String::strip)
                        .filter(part -> !part.isEmpty()))
                .hasSizeGreaterThan(20)
                .allMatch(CODE::contains);
    }

    @Test
    void whatTheCodeSaysThePageExplains() {
        assertThat(given())
                .contains("its lease passed without an acknowledged renewal", "the store no longer has it")
                .hasSizeGreaterThan(20)
                .allMatch(TABLE::contains, "stands in docs/losing-a-lock.md");
    }
}
