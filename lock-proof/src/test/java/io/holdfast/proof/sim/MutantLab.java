// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import io.holdfast.LockClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles a mutated source and loads engine and simulation with it in a class loader of their own. */
final class MutantLab implements AutoCloseable {
    private final Path folder;
    private final URLClassLoader loader;

    /**
     * @param folder an empty one, for sources and classes
     * @throws IllegalStateException when an edit does not fit the sources, or does not compile
     */
    MutantLab(Mutant mutant, Path folder) {
        this.folder = folder;
        try {
            compile(mutated(mutant));
            this.loader = new ChildFirst(List.of(folder.resolve("classes"), home(Trial.class), home(LockClient.class)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The runs over the mutant: from a name to the broken rule, or to nothing. */
    @SuppressWarnings("unchecked")
    Function<String, String> trial() {
        try {
            Object trial = Class.forName(Trial.class.getName(), true, loader)
                    .getDeclaredConstructor()
                    .newInstance();
            return (Function<String, String>) trial;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the mutant does not load", e);
        }
    }

    private static Map<String, String> mutated(Mutant mutant) throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Mutant.Edit edit : mutant.edits()) {
            String source = sources.get(edit.file());
            if (source == null) {
                source = Files.readString(source(edit.file()));
            }
            sources.put(edit.file(), edit.applyTo(source));
        }
        return sources;
    }

    /** Tests run in their module's folder; the engine's sources are in the module beside it. */
    private static Path source(String file) {
        Path engine = Path.of("..", "lock-api", "src", "main", "java", file);
        return Files.exists(engine) ? engine : Path.of("src", "test", "java", file);
    }

    private void compile(Map<String, String> sources) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, String> source : sources.entrySet()) {
            Path file = folder.resolve("sources").resolve(source.getKey());
            Files.createDirectories(file.getParent());
            files.add(Files.writeString(file, source.getValue()));
        }
        Files.createDirectories(folder.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalStateException("this Java runtime has no compiler; run the tests on a JDK");
        }
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(found, null, null)) {
            List<String> options = List.of(
                    "-d",
                    folder.resolve("classes").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "-proc:none");
            Iterable<? extends JavaFileObject> units = manager.getJavaFileObjectsFromPaths(files);
            if (!compiler.getTask(null, manager, found, options, null, units).call()) {
                throw new IllegalStateException("the mutant does not compile: " + errors(found));
            }
        }
    }

    private static List<String> errors(DiagnosticCollector<JavaFileObject> found) {
        return found.getDiagnostics().stream()
                .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
                .map(d -> d.getMessage(null))
                .toList();
    }

    private static Path home(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }

    /** Takes Holdfast's types from its own places and leaves everything else to the application's loader. */
    private static final class ChildFirst extends URLClassLoader {
        ChildFirst(List<Path> places) throws MalformedURLException {
            super(urls(places), MutantLab.class.getClassLoader());
        }

        private static URL[] urls(List<Path> places) throws MalformedURLException {
            URL[] urls = new URL[places.size()];
            for (int i = 0; i < urls.length; i++) {
                urls[i] = places.get(i).toUri().toURL();
            }
            return urls;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("io.holdfast.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }
    }
}
