// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rules, read from the copy of docs/SPEC.md in this jar, so that a failure quotes the page it is judged by. Immutable.
 */
public final class RuleBook {
    private static final RuleBook SPEC = read();

    private final Map<String, Rule> rules;

    private RuleBook(Map<String, Rule> rules) {
        this.rules = Collections.unmodifiableMap(rules);
    }

    /**
     * The rules of this version.
     *
     * @return the book
     */
    public static RuleBook spec() {
        return SPEC;
    }

    /**
     * All rules in the order of the page.
     *
     * @return at least one
     */
    public Collection<Rule> rules() {
        return rules.values();
    }

    /**
     * One rule.
     *
     * @param id such as {@code ME-1}
     * @return the rule
     * @throws IllegalArgumentException when the page has no such rule
     */
    public Rule rule(String id) {
        Rule rule = rules.get(id);
        if (rule == null) {
            throw new IllegalArgumentException("docs/SPEC.md has no rule " + id);
        }
        return rule;
    }

    /**
     * Reads a page in the form of docs/SPEC.md: a heading {@code ### ID Title}, a paragraph, items that begin with {@code
     * *Tested.*} and {@code *If it fails.*}.
     *
     * @param lines the page
     * @return its rules
     */
    static RuleBook parse(List<String> lines) {
        Map<String, Rule> found = new LinkedHashMap<>();
        List<String> section = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("#")) {
                add(found, section);
                section.clear();
            }
            section.add(line);
        }
        add(found, section);
        return new RuleBook(found);
    }

    private static void add(Map<String, Rule> found, List<String> section) {
        if (section.isEmpty() || !section.get(0).matches("### [A-Z]{2}-\\d+ .+")) {
            return;
        }
        String heading = section.get(0).substring(4);
        String id = heading.substring(0, heading.indexOf(' '));
        String title = heading.substring(heading.indexOf(' ') + 1);
        String body = String.join(" ", section.subList(1, section.size()))
                .replaceAll("\\s+", " ")
                .replace("`", "");
        Rule rule = new Rule(
                id,
                title,
                between(body, "", "- *Intent.*"),
                between(body, "*Tested.*", "- *If it fails.*"),
                between(body, "*If it fails.*", "- *"));
        found.put(id, rule);
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start);
        if (from < 0) {
            return "";
        }
        int to = text.indexOf(end, from + start.length());
        return text.substring(from + start.length(), to < 0 ? text.length() : to)
                .strip();
    }

    private static RuleBook read() {
        try (InputStream in = RuleBook.class.getResourceAsStream("SPEC.md")) {
            if (in == null) {
                throw new IllegalStateException("SPEC.md is missing in the kit's jar");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
