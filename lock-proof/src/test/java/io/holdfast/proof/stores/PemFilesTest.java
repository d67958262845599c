// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Certificates and keys that cannot be used, on every store with TLS: one line that says which file, and what to do; nobody is asked. */
class PemFilesTest {
    private static final List<String> STORES = List.of("rediss", "valkeys", "etcds", "consuls", "zookeepers");

    private static final String JUNK = "AAAA";

    /** One that is in order. */
    @TempDir
    private static Path made;

    private static Path certificate;

    @BeforeAll
    static void makeACertificate() throws Exception {
        Path store = made.resolve("store.p12");
        certificate = made.resolve("certificate.pem");
        run(
                "-genkeypair",
                "-keystore",
                store,
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=a",
                "-storepass",
                "changeit");
        run("-exportcert", "-rfc", "-keystore", store, "-alias", "a", "-file", certificate, "-storepass", "changeit");
    }

    private static void run(Object... words) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        for (Object word : words) {
            command.add(word.toString());
        }
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).isZero();
    }

    @TempDir
    private Path folder;

    private static Stream<Arguments> storesAndFiles() {
        return STORES.stream()
                .flatMap(store -> Stream.of(
                        Arguments.of(store, "tls.ca", "CERTIFICATE REQUEST", "no PEM block CERTIFICATE"),
                        Arguments.of(store, "tls.ca", "CERTIFICATE", "not an X.509 certificate"),
                        Arguments.of(store, "tls.ca", "", "no PEM block CERTIFICATE"),
                        Arguments.of(store, "tls.key", "ENCRYPTED PRIVATE KEY", "encrypted or not PKCS#8"),
                        Arguments.of(store, "tls.key", "RSA PRIVATE KEY", "openssl pkcs8 -topk8 -nocrypt"),
                        Arguments.of(store, "tls.key", "PUBLIC KEY", "one PEM block PRIVATE KEY")));
    }

    @ParameterizedTest
    @MethodSource("storesAndFiles")
    @DisplayName("ER-1: a PEM file that cannot be used is told of in one line, before anybody is asked")
    void whatCannotBeUsed(String store, String setting, String label, String problem) throws IOException {
        Path file = folder.resolve("it.pem");
        String block = label.isEmpty()
                ? "no block at all\n"
                : "-----BEGIN " + label + "-----\n" + JUNK + "\n-----END " + label + "-----\n";
        Files.writeString(file, block);
        LockConfig config = LockConfig.of(store + "://127.0.0.1:1").with(setting, file.toString());
        LockConfig whole = setting.equals("tls.key") ? config.with("tls.certificate", certificate.toString()) : config;
        refused(whole, setting, problem);
    }

    private static Stream<String> stores() {
        return STORES.stream();
    }

    @ParameterizedTest
    @MethodSource("stores")
    @DisplayName("ER-1: so is one that cannot be read")
    void whatCannotBeRead(String store) {
        LockConfig nowhere = LockConfig.of(store + "://127.0.0.1:1")
                .with("tls.ca", folder.resolve("it.pem").toString());
        refused(nowhere, "tls.ca", "it.pem");
        refused(LockConfig.of(store + "://127.0.0.1:1").with("tls.ca", folder.toString()), "tls.ca", "");
    }

    private static void refused(LockConfig config, String setting, String problem) {
        assertThatThrownBy(() -> LockClient.open(config).close())
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'" + setting + "'")
                .hasMessageContaining(problem)
                .message()
                .doesNotContain("\n", JUNK);
    }
}
