// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;

/** A connection that speaks Redis' protocol plainly: what a test sees and does past the backend. */
final class Resp implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    private Resp(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    static Resp open(InetSocketAddress address) {
        try {
            return new Resp(new Socket(address.getAddress(), address.getPort()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Resp open(InetSocketAddress address, SSLContext tls) {
        try {
            return new Resp(tls.getSocketFactory().createSocket(address.getAddress(), address.getPort()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An error that the server answered. */
    static final class Refusal extends RuntimeException {
        Refusal(String text) {
            super(text);
        }
    }

    /** One reply: a String, a Long, a List, or null. */
    Object ask(Object... words) {
        send(words);
        try {
            return reply();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends without waiting for the reply, which {@link #receive} takes. */
    void send(Object... words) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.UTF_8));
            for (Object word : words) {
                byte[] bytes =
                        word instanceof byte[] raw ? raw : String.valueOf(word).getBytes(StandardCharsets.UTF_8);
                out.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.UTF_8));
                out.writeBytes(bytes);
                out.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
            }
            socket.getOutputStream().write(out.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes so many replies to what was sent. */
    void receive(int count) {
        try {
            for (int i = 0; i < count; i++) {
                reply();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text(Object... words) {
        return (String) ask(words);
    }

    long number(Object... words) {
        return (Long) ask(words);
    }

    @SuppressWarnings("unchecked")
    List<String> list(Object... words) {
        return (List<String>) ask(words);
    }

    /** A command written as one line. */
    Object line(String command) {
        return ask(Arrays.stream(command.split(" ")).toArray());
    }

    /** Calls a script as the backend would. */
    Object script(Script script, LockKeys keys, Object... arguments) {
        List<Object> words =
                new ArrayList<>(List.of("EVAL", script.text(), keys.all().size()));
        words.addAll(keys.all());
        words.addAll(List.of(arguments));
        return ask(words.toArray());
    }

    /** How often a command was called since the last {@code CONFIG RESETSTAT}; 0 when never. */
    long calls(String command) {
        return calls(command, text("INFO", "commandstats"));
    }

    /** The same of an answer that was asked for before. */
    static long calls(String command, String stats) {
        return stats.lines()
                .filter(line -> line.startsWith("cmdstat_" + command + ":"))
                .map(line -> line.replaceFirst("[^=]*calls=([0-9]+).*", "$1"))
                .mapToLong(Long::parseLong)
                .sum();
    }

    /** The next line of a connection in {@code MONITOR}. */
    String next() {
        try {
            return (String) reply();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next message of a connection that has subscribed. */
    @SuppressWarnings("unchecked")
    List<String> nextList() {
        try {
            return (List<String>) reply();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Object reply() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case ':' -> Long.parseLong(rest);
            case '-' -> throw new Refusal(rest);
            case '$' -> rest.equals("-1") ? null : body(Integer.parseInt(rest));
            case '*' -> all(Integer.parseInt(rest));
            default -> throw new IOException("not a reply: " + line);
        };
    }

    private String body(int length) throws IOException {
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        line();
        return body;
    }

    private List<Object> all(int count) throws IOException {
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(reply());
        }
        return all;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended");
            }
            line.append((char) c);
        }
        return line.substring(0, line.length() - 1);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
