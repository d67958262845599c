// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

import io.holdfast.lab.proxy.TcpProxy;
import io.holdfast.tck.internal.witness.WitnessMain;
import io.holdfast.tck.process.JavaProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A process with one client and some witnesses on its threads, and its own way to the store. */
final class Party implements AutoCloseable {
    private static final int WITNESSES = 2;

    private final String id;
    private final JavaProcess process;
    private final @Nullable TcpProxy link;

    private Party(String id, JavaProcess process, @Nullable TcpProxy link) {
        this.id = id;
        this.process = process;
        this.link = link;
    }

    static Party start(Ground ground, String id) {
        TcpProxy link = ground.link();
        Duration patience = ground.time().takeover().multipliedBy(3);
        List<String> arguments = List.of(
                ground.url(link),
                "lease=" + ground.time().lease(),
                "operation-timeout=" + ground.time().scaled(500),
                "outage-timeout=" + Duration.ofMinutes(5),
                "label=" + id);
        return opened(new Party(id, JavaProcess.start(WitnessMain.class, patience, arguments), link));
    }

    /** A process with another library's client. */
    static Party start(Ground ground, String id, Peers peer) {
        TcpProxy link = Objects.requireNonNull(ground.link(), "a store with a server");
        Duration patience = ground.time().takeover().multipliedBy(3);
        List<String> arguments = List.of(
                peer.name(),
                link.endpoint(),
                Long.toString(ground.time().lease().toMillis()));
        return opened(new Party(id, JavaProcess.start(PeerMain.class, patience, arguments), link));
    }

    private static Party opened(Party party) {
        party.process.send(WitnessMain.OPEN);
        return party;
    }

    void awaitReady() throws InterruptedException {
        process.answer("ready");
    }

    /** The names of its witnesses in the history. */
    List<String> witnesses() {
        return IntStream.range(0, WITNESSES).mapToObj(i -> id + "-" + i).toList();
    }

    void begin(String lock, Path journal, Path counter, long seed) throws InterruptedException {
        for (String witness : witnesses()) {
            process.ask(
                    String.join(
                            " ",
                            "witness",
                            witness,
                            lock,
                            journal.toString(),
                            counter.toString(),
                            "true",
                            Long.toString(Trial.LONGEST_STAY.toMillis()),
                            Long.toString(seed + witness.hashCode())),
                    "begun");
        }
    }

    /** Its witnesses end; returns when they have. */
    void rest() throws InterruptedException {
        process.ask("rest", "resting");
    }

    JavaProcess process() {
        return process;
    }

    TcpProxy link() {
        if (link == null) {
            throw new IllegalStateException("there is no network to this store");
        }
        return link;
    }

    @Override
    public void close() {
        process.close();
    }

    @Override
    public String toString() {
        return id;
    }
}
