// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.ForceOutcome;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.StoredLock;
import io.holdfast.spi.line.Inquiries;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** What people ask. The dead in a line count for as long as they keep others out. Thread-safe; calls block for requests. */
final class ConsulInquiries implements Inquiries {
    private static final int FORCE_ATTEMPTS = 5;

    private final ConsulLine consul;
    private final Agent agent;
    private final LockKeys keys;

    ConsulInquiries(ConsulLine consul) {
        this.consul = consul;
        this.agent = consul.agent();
        this.keys = consul.keys();
    }

    private <T> CompletionStage<T> ask(LockRuntime limits, Function<Asker, T> question) {
        return consul.answered(() -> question.apply(agent.asker(limits)));
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name, LockRuntime limits) {
        return ask(limits, asker -> stored(name, line(name, asker)));
    }

    private Line line(String name, Asker asker) {
        return standing(Line.of(agent.entries(keys.line(name), "inspect", asker), keys.line(name)), asker);
    }

    /** Without the dead, but for the one whose lease may last. */
    private Line standing(Line line, Asker asker) {
        List<KeyEntry> entries = new ArrayList<>();
        for (KeyEntry entry : line.entries()) {
            boolean first = entry.equals(line.entries().get(0));
            if (!entry.isDead() || (first && !consul.deaths().isOver(entry, asker))) {
                entries.add(entry);
            }
        }
        return new Line(entries);
    }

    private static StoredLock stored(String name, Line line) {
        if (line.entries().isEmpty()) {
            return StoredLock.free(name, 0);
        }
        KeyEntry holder = line.entries().get(0);
        return new StoredLock(
                name,
                holder.created(),
                holder.mark().map(Mark::label).orElse(holder.value()),
                holder.mark().map(Mark::since).orElse(0L),
                line.entries().size());
    }

    @Override
    public CompletionStage<List<StoredLock>> list(LockRuntime limits) {
        return ask(limits, asker -> {
            Map<String, List<KeyEntry>> names = new HashMap<>();
            for (KeyEntry entry : consul.survey().entries("list", () -> agent.asker(asker.runtime()))) {
                keys.name(entry.key()).ifPresent(name -> names.computeIfAbsent(name, n -> new ArrayList<>())
                        .add(entry));
            }
            List<StoredLock> found = new ArrayList<>();
            names.forEach((name, entries) -> {
                Line line = standing(Line.of(entries, keys.line(name)), asker);
                if (!line.entries().isEmpty()) {
                    found.add(stored(name, line));
                }
            });
            return found;
        });
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken, LockRuntime limits) {
        return ask(limits, asker -> {
            for (int attempt = 0; attempt < FORCE_ATTEMPTS; attempt++) {
                Line line = line(name, asker);
                if (line.entries().isEmpty()) {
                    return ForceOutcome.NOT_HELD;
                }
                KeyEntry holder = line.entries().get(0);
                if (storeToken.isPresent() && storeToken.getAsLong() != holder.created()) {
                    return ForceOutcome.MOVED_ON;
                }
                Txn txn = new Txn().show(holder.key()).delete(holder.key(), holder.modified());
                Txn.Outcome outcome = agent.transact(txn, "release by force", asker);
                if (outcome.done() && outcome.entries().stream().anyMatch(holder::isSame)) {
                    return ForceOutcome.RELEASED;
                }
            }
            throw consul.failures().unavailable("release by force", "the holder changed again and again; try again");
        });
    }
}
