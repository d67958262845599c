// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.name;

import io.holdfast.internal.context.Engine;
import io.holdfast.internal.session.Sessions;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The names that one client knows or wants something of at present. Thread-safe. */
public final class NameTable {
    private final Shared shared;
    private final Runnable whenDropped;
    private final Consumer<NameState> drop = this::drop;
    private final ConcurrentHashMap<String, NameState> names = new ConcurrentHashMap<>();

    /**
     * The names of one client.
     *
     * @param engine its context
     * @param sessions where they contend
     * @param whenDropped run when a name has gone of which nothing is left
     */
    public NameTable(Engine engine, Sessions sessions, Runnable whenDropped) {
        Tokens tokens = new Tokens(engine.settings().tokenBase(), engine.failures());
        this.shared = new Shared(engine, sessions, tokens, new LostHolds(engine.failures()));
        this.whenDropped = whenDropped;
    }

    /**
     * Has an owner wait for a name, or re-enter.
     *
     * @param mayBlock whether the calling thread may wait for a request
     * @return the name's state, by which it can be withdrawn
     */
    public NameState submit(String name, Waiter w, boolean mayBlock) {
        while (true) {
            NameState state = names.computeIfAbsent(name, n -> new NameState(n, shared, drop, whenDropped));
            if (state.acquire(w, mayBlock)) {
                return state;
            }
            drop(state); // dropped since the look: another one takes its place
        }
    }

    private void drop(NameState state) {
        names.remove(state.name, state);
    }

    /** What is known of a name; null when there is nothing. */
    public @Nullable NameState get(String name) {
        return names.get(name);
    }

    /** Does something with each. */
    public void each(Consumer<NameState> action) {
        names.values().forEach(action);
    }

    /** How many there are. */
    public int size() {
        return names.size();
    }

    /** What is known of their fencing tokens. */
    public Tokens tokens() {
        return shared.tokens();
    }

    /** Who must still be told of a loss. */
    public LostHolds lostHolds() {
        return shared.lostHolds();
    }
}
