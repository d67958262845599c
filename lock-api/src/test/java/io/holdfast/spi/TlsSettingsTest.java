// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsSettingsTest {
    @TempDir
    static Path folder;

    private static Pem pem;

    @BeforeAll
    static void makeKeys() throws Exception {
        pem = new Pem(folder).make("rsa", "RSA").make("rsa2", "RSA").make("ec", "EC");
    }

    private static TlsSettings settings(String ca, String certificate, String key, boolean verify) {
        return new TlsSettings(path(ca), path(certificate), path(key), verify);
    }

    private static Optional<Path> path(String name) {
        return Optional.ofNullable(name).map(pem::file);
    }

    /** What the server saw of the client, once both have spoken; the client checks the server's name as stores' clients do. */
    private static String shakeHands(SSLContext server, SSLContext client, String name) throws Exception {
        try (SSLServerSocket listening = (SSLServerSocket)
                server.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listening.setWantClientAuth(true);
            CompletableFuture<String> seen = CompletableFuture.supplyAsync(() -> {
                try (SSLSocket accepted = (SSLSocket) listening.accept()) {
                    accepted.getOutputStream().write('x');
                    return String.valueOf(accepted.getSession().getPeerPrincipal());
                } catch (IOException anonymous) {
                    return "nobody";
                }
            });
            try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), listening.getLocalPort());
                    SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(plain, name, 0, true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                assertThat(socket.getInputStream().read()).isEqualTo('x');
            } finally {
                seen.get(1, TimeUnit.MINUTES);
            }
            return seen.join();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ec"})
    void bothSidesProveThemselves(String keys) throws Exception {
        SSLContext both =
                settings(keys + ".crt", keys + ".crt", keys + ".key", true).context();
        assertThat(shakeHands(both, both, "localhost")).isEqualTo("CN=" + keys);
    }

    @Test
    void strangersAreNotTrusted() throws Exception {
        SSLContext server = settings(null, "rsa.crt", "rsa.key", true).context();
        SSLContext other = settings("rsa2.crt", null, null, true).context();
        assertThatThrownBy(() -> shakeHands(server, other, "localhost")).isInstanceOf(SSLException.class);
        SSLContext publicAuthorities = settings(null, null, null, true).context();
        assertThatThrownBy(() -> shakeHands(server, publicAuthorities, "localhost"))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void wrongNameIsNotTrustedUnlessNothingIsVerified() throws Exception {
        SSLContext server = settings(null, "rsa.crt", "rsa.key", true).context();
        SSLContext right = settings("rsa.crt", null, null, true).context();
        assertThat(shakeHands(server, right, "localhost")).isEqualTo("nobody");
        assertThatThrownBy(() -> shakeHands(server, right, "other.example")).isInstanceOf(SSLException.class);
        SSLContext careless = settings(null, null, null, false).context();
        assertThat(shakeHands(server, careless, "other.example")).isEqualTo("nobody");
    }

    @Test
    void authoritiesMayBeSeveralAndHaveCommentsBetween() throws Exception {
        String bundle = "# one\n" + Files.readString(pem.file("rsa2.crt")) + "subject=CN = rsa\r\n"
                + Files.readString(pem.file("rsa.crt")).replace("\n", "\r\n");
        Files.writeString(pem.file("bundle.crt"), bundle);
        SSLContext server = settings(null, "rsa.crt", "rsa.key", true).context();
        assertThat(shakeHands(server, settings("bundle.crt", null, null, true).context(), "localhost"))
                .isEqualTo("nobody");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    missing   | rsa.crt | rsa.key | tls.ca          | missing    | no such file
                    rsa.key   | rsa.crt | rsa.key | tls.ca          | rsa.key    | no PEM block CERTIFICATE
                    empty     | rsa.crt | rsa.key | tls.ca          | empty      | no PEM block CERTIFICATE
                    der       | rsa.crt | rsa.key | tls.ca          | der        | not UTF-8
                    cut       | rsa.crt | rsa.key | tls.ca          | cut        | no PEM block CERTIFICATE
                    junk.crt  | rsa.crt | rsa.key | tls.ca          | junk.crt   | not an X.509 certificate
                    base64    | rsa.crt | rsa.key | tls.ca          | base64     | is not base64
                    rsa.crt   | missing | rsa.key | tls.certificate | missing    | no such file
                    rsa.crt   | rsa.key | rsa.key | tls.certificate | rsa.key    | no PEM block CERTIFICATE
                    rsa.crt   | rsa.crt | missing | tls.key         | missing    | no such file
                    rsa.crt   | rsa.crt | rsa.crt | tls.key         | rsa.crt    | must hold one PEM block PRIVATE KEY and holds 0
                    rsa.crt   | rsa.crt | two.key | tls.key         | two.key    | and holds 2
                    rsa.crt   | rsa.crt | junk.key | tls.key        | junk.key   | holds no RSA key
                    rsa.crt   | rsa.crt | ec.key  | tls.key         | ec.key     | holds no RSA key
                    rsa.crt   | rsa.crt | rsa2.key | tls.key        | rsa2.key   | does not belong to
                    rsa.crt   | rsa.crt | pkcs1.key | tls.key       | pkcs1.key  | openssl pkcs8 -topk8
                    rsa.crt   | rsa.crt | encrypted.key | tls.key   | encrypted.key | openssl pkcs8 -topk8
                    rsa.crt   | rsa.crt | old.key | tls.key         | old.key    | openssl pkcs8 -topk8
                    """)
    void filesThatCannotBeUsed(String ca, String certificate, String key, String setting, String file, String problem)
            throws Exception {
        byte[] junk = "junk".getBytes(StandardCharsets.UTF_8);
        String rsa = Files.readString(pem.file("rsa.crt"));
        Files.writeString(pem.file("empty"), "");
        Files.write(pem.file("der"), new byte[] {0x30, (byte) 0x82, 1, (byte) 0xff});
        Files.writeString(pem.file("cut"), rsa.substring(0, rsa.length() / 2));
        Files.writeString(pem.file("base64"), rsa.replaceFirst("\nMII", "\n*II"));
        pem.write("junk.crt", "CERTIFICATE", junk);
        pem.write("junk.key", "PRIVATE KEY", junk);
        pem.write("pkcs1.key", "RSA PRIVATE KEY", junk);
        pem.write("encrypted.key", "ENCRYPTED PRIVATE KEY", junk);
        Files.writeString(
                pem.file("old.key"),
                Pem.block("RSA PRIVATE KEY", junk)
                        .replaceFirst("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n"));
        Files.writeString(
                pem.file("two.key"), Files.readString(pem.file("rsa.key")) + Files.readString(pem.file("rsa2.key")));
        assertThatThrownBy(() -> settings(ca, certificate, key, true).context())
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'" + setting + "'")
                .hasMessageContaining(pem.file(file).toString())
                .hasMessageContaining(problem)
                .hasMessageNotContaining("\n");
    }

    @Test
    void certificateAndKeyGoTogether() {
        assertThatThrownBy(() -> settings(null, "rsa.crt", null, true).context())
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'tls.certificate' needs 'tls.key'");
        assertThatThrownBy(() -> settings(null, null, "rsa.key", true).context())
                .isInstanceOf(LockConfigException.class)
                .hasMessageContaining("'tls.key' needs 'tls.certificate'");
    }

    @Test
    void aWrongFileIsToldEvenWhenNothingIsVerified() {
        assertThatThrownBy(() -> settings("missing", null, null, false).context())
                .isInstanceOf(LockConfigException.class);
    }
}
