// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** etcd's own count of what it was asked. */
final class Metrics {
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI page;

    Metrics(String endpoint) {
        page = URI.create("http://" + endpoint + "/metrics");
    }

    /** How many calls of a method were answered, whatever the answer was. */
    long answered(String method) {
        return sum("grpc_server_handled_total{", "grpc_method=\"" + method + "\"");
    }

    /** How many streams of a method are open. */
    long open(String method) {
        String label = "grpc_method=\"" + method + "\"";
        return sum("grpc_server_started_total{", label) - sum("grpc_server_handled_total{", label);
    }

    /** How many messages clients have sent in calls of a method. */
    long received(String method) {
        return sum("grpc_server_msg_received_total{", "grpc_method=\"" + method + "\"");
    }

    /** How many messages were sent in calls of a method. */
    long sent(String method) {
        return sum("grpc_server_msg_sent_total{", "grpc_method=\"" + method + "\"");
    }

    private long sum(String metric, String label) {
        return read().lines()
                .filter(line -> line.startsWith(metric) && line.contains(label))
                .mapToLong(line -> Math.round(Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))))
                .sum();
    }

    private String read() {
        try {
            return http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
