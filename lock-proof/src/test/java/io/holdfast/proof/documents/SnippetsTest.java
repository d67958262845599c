// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every Java snippet of a document compiles: as a file when it imports, as a member when it is a method, else as statements. Of
 * the statements, those on a store in memory run too.
 */
class SnippetsTest {
    /** Not what a page calls a file: such a block compiles with its neighbours, and {@code examples/run page} runs them. */
    private static final Pattern JAVA = Pattern.compile("(?ms)(?<!^<!-- file: [^\n]{1,200} -->\n)^```java\n(.*?)^```");

    private static final Pattern METHOD = Pattern.compile("[\\w<>\\[\\]]+ [\\w<>\\[\\] ]*\\w\\(.*");
    private static final Pattern TYPE_NAME =
            Pattern.compile("(?m)^(?:public |final )*(?:class|interface|record) (\\w+)");
    private static final String IMPORTS =
            "import io.holdfast.*; import io.holdfast.memory.*; import io.holdfast.spi.*; import io.holdfast.tck.*; import java.sql.*;"
                    + " import java.time.Duration; import java.util.*; import java.util.concurrent.*; ";

    private static final String STATEMENTS =
            "public class Snippet { public Snippet() {} public void run() throws Exception { ";

    @TempDir
    Path classes;

    /** One fenced block. */
    record Snippet(String where, String code) {
        @Override
        public String toString() {
            return where;
        }
    }

    static Stream<Snippet> snippets() {
        List<Snippet> snippets = new ArrayList<>();
        for (Path document : Project.files(".md")) {
            String text = Project.text(document);
            Matcher block = JAVA.matcher(text);
            while (block.find()) {
                long line = text.substring(0, block.start()).lines().count() + 1;
                snippets.add(new Snippet(Project.shown(document) + ":" + line, block.group(1)));
            }
        }
        assertThat(snippets).extracting(Snippet::where).anyMatch(where -> where.startsWith("README.md"));
        return snippets.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("snippets")
    void compiles(Snippet snippet) {
        assertThat(errors(snippet.code())).as("the compiler on %s", snippet).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("runnable")
    void runs(Snippet snippet) throws Exception {
        assertThat(errors(snippet.code())).as("the compiler on %s", snippet).isEmpty();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            Class<?> type = loader.loadClass("Snippet");
            Object instance = type.getDeclaredConstructor().newInstance();
            type.getMethod("run").invoke(instance);
        }
    }

    static Stream<Snippet> runnable() {
        return snippets()
                .filter(snippet -> unit(snippet.code()).contains(STATEMENTS)
                        && snippet.code().contains("\"memory:"));
    }

    @Test
    void aWrongSnippetIsRefused() {
        assertThat(errors("LockClient.open(7);\n")).isNotEmpty();
    }

    /** What the compiler says, on the class path of this test; each snippet is compiled for itself. */
    private String errors(String code) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
        boolean compiled = compiler.getTask(said, null, null, options, null, List.of(source(code)))
                .call();
        return compiled ? "" : said.toString();
    }

    private static JavaFileObject source(String code) {
        Matcher type = TYPE_NAME.matcher(code);
        String name = type.find() ? type.group(1) : "Snippet";
        String unit = unit(code);
        return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return unit;
            }
        };
    }

    private static String unit(String code) {
        if (code.startsWith("import ") || code.startsWith("package ")) {
            return code;
        }
        if (TYPE_NAME.matcher(code).find()) {
            return IMPORTS + code;
        }
        boolean method = METHOD.matcher(code.lines().findFirst().orElse("")).matches();
        return IMPORTS + (method ? "class Snippet { " + code + "}" : STATEMENTS + code + "} }");
    }
}
