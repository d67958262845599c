// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.holdfast.lab.server.StoreServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What a test sees and does in Consul past the backend, by plain HTTP. */
final class Administrator {
    private final String address;
    private final @Nullable String token;
    private final @Nullable SSLContext tls;

    Administrator(String endpoint, @Nullable String token, @Nullable SSLContext tls) {
        this.address = (tls == null ? "http://" : "https://") + endpoint;
        this.token = token;
        this.tls = tls;
    }

    static Administrator of(StoreServer server) {
        return new Administrator(server.node(1).endpoint(), null, null);
    }

    /**
     * An answer.
     *
     * @param index the header by which Consul says which state it shows; empty without it
     */
    record Answer(int status, String body, String index) {
        /** One that Consul has not given. */
        Answer(int status, String body) {
            this(status, body, "");
        }
    }

    Answer ask(String method, String path, String body) {
        try {
            HttpURLConnection connection = (HttpURLConnection) new URL(address + path).openConnection(Proxy.NO_PROXY);
            if (tls != null && connection instanceof HttpsURLConnection https) {
                https.setSSLSocketFactory(tls.getSocketFactory());
            }
            connection.setRequestMethod(method);
            connection.setConnectTimeout(10_000);
            connection.setReadTimeout(20_000);
            // A kept connection would keep a thread.
            connection.setRequestProperty("Connection", "close");
            if (token != null) {
                connection.setRequestProperty("X-Consul-Token", token);
            }
            if (!body.isEmpty()) {
                connection.setDoOutput(true);
                connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            try (InputStream in = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
                String said = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
                String index = connection.getHeaderField("X-Consul-Index");
                return new Answer(status, said, index == null ? "" : index);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All entries whose keys begin with a text, in the order of their creation. */
    List<KeyEntry> entries(String start) {
        Answer answer = ask("GET", "/v1/kv/" + start + "?recurse&consistent", "");
        List<KeyEntry> entries = new ArrayList<>();
        if (answer.status() != 404) {
            entries.addAll(Json.read(answer.body(), in -> Json.list(in, KeyEntry::read)));
        }
        entries.sort(Comparator.comparingLong(KeyEntry::created));
        return entries;
    }

    /** Id and name of every session. */
    List<JsonObject> sessions() {
        List<JsonObject> sessions = new ArrayList<>();
        String all = ask("GET", "/v1/session/list?consistent", "").body();
        JsonParser.parseString(all).getAsJsonArray().forEach(one -> sessions.add(one.getAsJsonObject()));
        return sessions;
    }

    void endSession(String id) {
        ask("PUT", "/v1/session/destroy/" + id, "");
    }

    void put(String key, String value) {
        ask("PUT", "/v1/kv/" + key, value);
    }

    void delete(String key) {
        ask("DELETE", "/v1/kv/" + key, "");
    }
}
