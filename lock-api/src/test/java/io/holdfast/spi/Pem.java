// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A key and its certificate, made by the JDK's keytool, and written as PEM by the JDK. */
final class Pem {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path folder;

    Pem(Path folder) {
        this.folder = folder;
    }

    /** Makes NAME.crt and NAME.key; for {@code localhost} and signed by itself. */
    Pem make(String name, String algorithm) throws IOException, InterruptedException, GeneralSecurityException {
        Path store = folder.resolve(name + ".p12");
        keytool(
                store,
                "-genkeypair",
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + name,
                "-ext",
                "san=dns:localhost",
                "-validity",
                "2");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        Certificate certificate = keys.getCertificate("it");
        write(name + ".crt", "CERTIFICATE", certificate.getEncoded());
        write(name + ".key", "PRIVATE KEY", keys.getKey("it", PASSWORD).getEncoded());
        return this;
    }

    private void keytool(Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-alias",
                "it",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD)));
        command.addAll(1, List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException("keytool failed: " + Files.readString(folder.resolve("keytool.log")));
        }
    }

    Path write(String file, String label, byte[] bytes) throws IOException {
        return Files.writeString(folder.resolve(file), block(label, bytes));
    }

    static String block(String label, byte[] bytes) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + label
                + "-----\n";
    }

    Path file(String name) {
        return folder.resolve(name);
    }
}
