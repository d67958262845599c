// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One authority, one server certificate for the loopback address, one client certificate, made by {@code openssl} in a
 * directory: {@code ca.crt}, {@code server.crt}, {@code server.key}, {@code server.pem} (key and certificate), and the client's.
 */
final class Certificates {
    private static final List<String> NEW_KEY =
            List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30");
    /** Consul asks for server.DATACENTER.consul; the rest ask for the address. */
    private static final String EXTENSIONS =
            """
            subjectAltName=DNS:localhost,DNS:server.dc1.consul,IP:127.0.0.1
            extendedKeyUsage=serverAuth,clientAuth
            keyUsage=digitalSignature
            """;

    private final Path directory;

    private Certificates(Path directory) {
        this.directory = directory;
    }

    /** Makes all files; what the client needs of them is returned. */
    static TlsFiles make(Path directory) {
        try {
            Files.createDirectories(directory);
            Certificates certificates = new Certificates(directory);
            certificates.authority();
            // ZooKeeper tells a file's format by its name.
            Files.copy(directory.resolve("ca.crt"), directory.resolve("ca.pem"));
            certificates.signed("server");
            certificates.signed("client");
            return TlsFiles.of(directory, "client");
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("no certificates for the test servers: " + e.getMessage(), e);
        }
    }

    private void authority() throws IOException {
        List<String> command = new ArrayList<>(List.of("req", "-x509", "-subj", "/CN=holdfast-test-ca"));
        command.addAll(NEW_KEY);
        command.addAll(List.of("-keyout", "ca.key", "-out", "ca.crt"));
        command.addAll(List.of("-addext", "basicConstraints=critical,CA:TRUE"));
        command.addAll(List.of("-addext", "keyUsage=critical,keyCertSign,cRLSign"));
        openssl(command);
    }

    private void signed(String name) throws IOException {
        Files.writeString(directory.resolve("extensions"), EXTENSIONS);
        List<String> request = new ArrayList<>(List.of("req", "-subj", "/CN=" + name));
        request.addAll(NEW_KEY);
        request.addAll(List.of("-keyout", name + ".key", "-out", name + ".csr"));
        openssl(request);
        openssl(List.of(
                "x509",
                "-req",
                "-in",
                name + ".csr",
                "-CA",
                "ca.crt",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                "30",
                "-out",
                name + ".crt",
                "-extfile",
                "extensions"));
        Files.writeString(
                directory.resolve(name + ".pem"),
                Files.readString(directory.resolve(name + ".key"))
                        + Files.readString(directory.resolve(name + ".crt")));
    }

    private void openssl(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(arguments);
        Path log = directory.resolve("openssl.log");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new ServerUnavailableException("TLS needs openssl, which does not start: " + e.getMessage(), e);
        }
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + ": " + Files.readString(log));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while openssl ran", e);
        }
    }
}
