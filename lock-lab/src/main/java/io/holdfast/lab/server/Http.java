// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/** Requests to etcd and Consul. By the old client of the JDK, because the new one has threads that no call ends. */
final class Http {
    /** The hash of a password takes etcd seconds on a busy machine. */
    private static final int ANSWER_MILLIS = 15_000;

    private final Site site;
    private final Map<String, String> headers;

    Http(Site site, Map<String, String> headers) {
        this.site = site;
        this.headers = headers;
    }

    Http(Site site) {
        this(site, Map.of());
    }

    String get(String path) throws IOException {
        return send("GET", path, null);
    }

    String put(String path, @Nullable String body) throws IOException {
        return send("PUT", path, body);
    }

    String post(String path, String body) throws IOException {
        return send("POST", path, body);
    }

    private String send(String method, String path, @Nullable String body) throws IOException {
        TlsFiles tls = site.layout().tls();
        URL url = new URL((tls == null ? "http://" : "https://") + site.endpoint() + path);
        HttpURLConnection connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
        if (tls != null && connection instanceof HttpsURLConnection https) {
            https.setSSLSocketFactory(tls.sslContext().getSocketFactory());
        }
        connection.setConnectTimeout(Sockets.TIMEOUT_MILLIS);
        connection.setReadTimeout(ANSWER_MILLIS);
        connection.setRequestMethod(method);
        // A kept connection would keep a timer thread.
        connection.setRequestProperty("Connection", "close");
        headers.forEach(connection::setRequestProperty);
        if (body != null) {
            connection.setDoOutput(true);
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        return answer(connection, method + " " + path);
    }

    private static String answer(HttpURLConnection connection, String what) throws IOException {
        int status = connection.getResponseCode();
        try (InputStream in = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (status >= 300) {
                throw new IOException(what + ": " + status + " " + text.strip());
            }
            return text;
        }
    }

    /** The first text or number of that name anywhere in an answer in JSON; empty when there is none. */
    static String field(String json, String name) {
        Matcher matcher = Pattern.compile('"' + Pattern.quote(name) + "\"\\s*:\\s*\"?([^\",}\\]]*)")
                .matcher(json);
        return matcher.find() ? matcher.group(1).strip() : "";
    }
}
