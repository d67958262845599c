// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.ecwid.consul.transport.HttpResponse;
import com.ecwid.consul.v1.ConsulRawClient;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How requests leave: by connections of ours, or by a client of consul-api that was lent. Blocks; thread-safe. */
interface Transport extends AutoCloseable {
    /** How many connections of ours there are for requests that last as long as a round trip. */
    int FOR_REQUESTS = 12;

    /** And how many for renewals, of which more than one are on their way only when one hangs. */
    int FOR_RENEWALS = 8;

    /** Which server is asked now; a running number. */
    int server();

    /**
     * Sends a request, once, and waits for the answer.
     *
     * @param server what {@link #server} said
     * @param call breaks it off, where that is possible
     * @param limit how long to wait for a connection, and for each piece of the answer
     * @param renewal whether it has the connections that are kept for renewals
     * @throws RuntimeException for any failure; {@link Failures} knows which ones come before anything has left
     */
    Reply send(int server, Request request, Call call, Duration limit, boolean renewal);

    /** A server is out of reach: requests go to the next one from now on, where there are several. */
    void failed(int server);

    @Override
    void close();

    /** A client of consul-api that the caller made: nothing can be broken off, nor limited. */
    record Lent(ConsulRawClient client) implements Transport {
        @Override
        public int server() {
            return 0;
        }

        @Override
        public Reply send(int server, Request request, Call call, Duration limit, boolean renewal) {
            String body = request.body();
            HttpResponse answer = body == null
                    ? client.makeGetRequest(request.endpoint())
                    : client.makePutRequest(request.endpoint(), body);
            Long index = answer.getConsulIndex();
            String text = answer.getContent();
            return new Reply(answer.getStatusCode(), text == null ? "" : text, index == null ? 0 : index);
        }

        @Override
        public void failed(int server) {}

        @Override
        public void close() {}
    }

    /**
     * What is asked.
     *
     * @param endpoint path and query, which need no encoding
     * @param body of what changes something, such as a transaction; null for a question
     */
    record Request(String endpoint, @Nullable String body) {}

    /**
     * An answer of whatever status.
     *
     * @param status of HTTP
     * @param body its text
     * @param index the state that it shows, for a blocking query; 0 when it has none
     */
    record Reply(int status, String body, long index) {}
}
