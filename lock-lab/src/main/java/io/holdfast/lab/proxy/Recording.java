// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Every byte that both sides sent through a proxy while the recording ran, delivered or not, kept for each connection apart.
 *
 * <p>It is kept in memory, without a limit. Thread-safe; {@link #close()} stops it, and what it holds can still be read.
 */
public final class Recording implements AutoCloseable {
    private final List<Conversation> conversations = new ArrayList<>();
    private boolean stopped;

    Recording() {}

    /**
     * What was sent on each connection, in the order in which the connections were opened. A connection that was open when
     * the recording began takes part from then on.
     *
     * @return a copy of what was recorded so far
     */
    public synchronized List<Exchange> exchanges() {
        return conversations.stream().map(Conversation::copy).toList();
    }

    /**
     * Counts a text in what both sides sent; a text that spans two connections does not count.
     *
     * @param text what to look for, in UTF-8; not empty
     * @return how often it occurs, overlapping ones included; zero when it was found nowhere
     * @throws IllegalArgumentException if the text is empty
     */
    public int count(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("an empty text is found everywhere");
        }
        // ISO-8859-1 keeps every byte as one character, so that any byte sequence can be searched as a string.
        String wanted = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        return exchanges().stream()
                .mapToInt(exchange -> occurrences(exchange.requests, wanted) + occurrences(exchange.replies, wanted))
                .sum();
    }

    private static int occurrences(byte[] bytes, String wanted) {
        String all = new String(bytes, StandardCharsets.ISO_8859_1);
        int count = 0;
        for (int at = all.indexOf(wanted); at >= 0; at = all.indexOf(wanted, at + 1)) {
            count++;
        }
        return count;
    }

    /** Stops the recording. Idempotent. */
    @Override
    public synchronized void close() {
        stopped = true;
    }

    synchronized Conversation begin() {
        Conversation conversation = new Conversation();
        conversations.add(conversation);
        return conversation;
    }

    /** What one connection carried. */
    final class Conversation {
        private final ByteArrayOutputStream requests = new ByteArrayOutputStream();
        private final ByteArrayOutputStream replies = new ByteArrayOutputStream();

        void add(boolean request, byte[] bytes) {
            synchronized (Recording.this) {
                if (!stopped) {
                    (request ? requests : replies).writeBytes(bytes);
                }
            }
        }

        private Exchange copy() {
            return new Exchange(requests.toByteArray(), replies.toByteArray());
        }
    }

    /** What one connection carried, each way. Immutable. */
    public static final class Exchange {
        private final byte[] requests;
        private final byte[] replies;

        private Exchange(byte[] requests, byte[] replies) {
            this.requests = requests;
            this.replies = replies;
        }

        /**
         * What the client sent.
         *
         * @return a copy
         */
        public byte[] requests() {
            return requests.clone();
        }

        /**
         * What the target sent.
         *
         * @return a copy
         */
        public byte[] replies() {
            return replies.clone();
        }
    }
}
