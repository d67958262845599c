// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockListener;
import io.holdfast.LockLoss;
import io.holdfast.ReleaseOutcome;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Writes down what a client tells its listeners. Thread-safe. */
public final class Heard implements LockListener {
    /**
     * One event.
     *
     * @param kind the listener's method
     * @param name the lock's name
     * @param token the hold's token, or 0
     * @param at when the listener was called: {@code nanoTime}
     */
    public record Said(String kind, String name, long token, long at) {}

    private final List<Said> said = new CopyOnWriteArrayList<>();
    private final List<LockLoss> losses = new CopyOnWriteArrayList<>();

    private void add(String kind, String name, long token) {
        said.add(new Said(kind, name, token, System.nanoTime()));
    }

    /** The kinds of a name's events in their order. */
    public List<String> kinds(String name) {
        return said.stream().filter(s -> s.name().equals(name)).map(Said::kind).toList();
    }

    /** The events of one kind. */
    public List<Said> all(String kind, String name) {
        return said.stream()
                .filter(s -> s.kind().equals(kind) && s.name().equals(name))
                .toList();
    }

    public boolean has(String kind, String name) {
        return !all(kind, name).isEmpty();
    }

    public List<LockLoss> losses() {
        return losses;
    }

    @Override
    public void contended(String name) {
        add("contended", name, 0);
    }

    @Override
    public void acquired(String name, long fencingToken) {
        add("acquired", name, fencingToken);
    }

    @Override
    public void renewed(String name, long fencingToken) {
        add("renewed", name, fencingToken);
    }

    @Override
    public void suspect(String name, long fencingToken) {
        add("suspect", name, fencingToken);
    }

    @Override
    public void safe(String name, long fencingToken) {
        add("safe", name, fencingToken);
    }

    @Override
    public void lost(LockLoss loss) {
        losses.add(loss);
        add("lost", loss.name(), loss.fencingToken());
    }

    @Override
    public void released(String name, long fencingToken, ReleaseOutcome outcome) {
        add("released", name, fencingToken);
    }
}
