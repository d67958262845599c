// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;

import com.ecwid.consul.v1.ConsulClient;
import com.google.gson.Gson;
import io.holdfast.LockClient;
import io.holdfast.consul.ConsulBackend;
import io.holdfast.local.FileBackendProvider;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.apache.commons.codec.binary.Base64;
import org.apache.commons.logging.Log;
import org.apache.http.HttpRequest;
import org.apache.http.client.HttpClient;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An application on the module path, as docs/configuration.md has it: a backend there is found as a provider; of a store's client some
 * jars are modules that nothing requires.
 */
class ModulePathTest {
    @TempDir
    private Path folder;

    private String program() throws IOException {
        Path source = folder.resolve("Program.java");
        Files.writeString(
                source,
                """
                import io.holdfast.LockClient;
                public class Program {
                    public static void main(String[] url) throws Exception {
                        System.out.println("module " + LockClient.class.getModule().getName());
                        try (LockClient client = LockClient.open(url[0])) {
                            System.out.println("held " + client.acquire("n").isValid());
                        }
                    }
                }
                """);
        return source.toString();
    }

    /** The jar that it came from, or one of the classes of a build that has made none yet. */
    private Path jar(Class<?> one, String module) throws Exception {
        Path from =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (!Files.isDirectory(from)) {
            return from;
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Automatic-Module-Name", module);
        Path jar = folder.resolve(module + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream made = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                made.putNextEntry(new JarEntry(from.relativize(file).toString()));
                Files.copy(file, made);
                made.closeEntry();
            }
        }
        return jar;
    }

    /** What the program says that opens a store, with lock-api on the module path. */
    private String run(String url, List<String> options) throws Exception {
        List<String> line = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        line.addAll(List.of("--add-modules", "io.holdfast"));
        line.addAll(options);
        line.addAll(List.of(program(), url));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return said;
    }

    private String api() throws Exception {
        return jar(LockClient.class, "io.holdfast").toString();
    }

    private String consul() throws Exception {
        List<String> jars = new ArrayList<>(
                List.of(api(), jar(ConsulBackend.class, "io.holdfast.consul").toString()));
        for (Class<?> one :
                List.of(ConsulClient.class, HttpClient.class, HttpRequest.class, Gson.class, Base64.class, Log.class)) {
            jars.add(jar(one, "no.classes").toString());
        }
        return String.join(File.pathSeparator, jars);
    }

    @Test
    @DisplayName("CF-4: a store client's module that nothing requires is told how it is found")
    void aModuleThatIsNotResolved() throws Exception {
        String url = "consul://127.0.0.1:1?connect-timeout=1ms";
        assertThat(run(url, List.of("-p", consul())))
                .contains("module io.holdfast", "NoClassDefFoundError", "--add-modules ALL-MODULE-PATH");
        assertThat(run(url, List.of("-p", consul(), "--add-modules", "ALL-MODULE-PATH")))
                .contains("module io.holdfast", "LockUnavailableException")
                .doesNotContain("NoClassDefFoundError");
    }

    @Test
    @DisplayName("CF-4: a backend serves on the module path, and on the class path beside it")
    void aBackendThatIsFound() throws Exception {
        String url = "file:" + folder.resolve("locks");
        String local = jar(FileBackendProvider.class, "io.holdfast.local").toString();
        assertThat(run(url, List.of("-p", api() + File.pathSeparator + local)))
                .contains("module io.holdfast", "held true");
        assertThat(run(url, List.of("-p", api(), "-cp", local))).contains("module io.holdfast", "held true");
    }
}
