// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** One work on one store: what each contestant showed at each of its turns. */
final class Row {
    private final BenchStore store;
    private final Work work;
    private final Map<Contestant, List<List<Result>>> turns = new EnumMap<>(Contestant.class);

    Row(BenchStore store, Work work) {
        this.store = store;
        this.work = work;
    }

    List<Contestant> contestants() {
        return work.hasFloor()
                ? List.of(Contestant.HOLDFAST, Contestant.PEER, Contestant.FLOOR)
                : List.of(Contestant.HOLDFAST, Contestant.PEER);
    }

    void add(Contestant contestant, List<Result> results) {
        turns.computeIfAbsent(contestant, any -> new ArrayList<>()).add(results);
    }

    BenchStore store() {
        return store;
    }

    Work work() {
        return work;
    }

    /** As a line of a table in Markdown. */
    String line() {
        double ours = median(Contestant.HOLDFAST, work::figure);
        double peers = median(Contestant.PEER, work::figure);
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %.2f | %s | %.0f / %.0f | %.3f / %.3f |",
                work.title(),
                store.peerTitle(),
                shown(Contestant.HOLDFAST),
                shown(Contestant.PEER),
                work.ratio(ours, peers),
                work.hasFloor()
                        ? String.format(Locale.ROOT, "%.2f", work.ratio(median(Contestant.FLOOR, work::figure), ours))
                        : "",
                median(Contestant.HOLDFAST, Work::processor),
                median(Contestant.PEER, Work::processor),
                median(Contestant.HOLDFAST, Work::fairness),
                median(Contestant.PEER, Work::fairness));
    }

    static String head() {
        return "| work | peer | Holdfast: median (least to most) | peer | × peer | floor × | client CPU µs a cycle | Jain |\n"
                + "| --- | --- | --- | --- | --- | --- | --- | --- |";
    }

    /** All figures, for programs. */
    String json() {
        List<String> all = new ArrayList<>();
        turns.forEach((contestant, trials) -> {
            List<String> figures = trials.stream()
                    .map(trial -> String.format(
                            Locale.ROOT,
                            "{\"figure\":%.3f,\"processor\":%.3f,\"fairness\":%.5f,\"p99\":%d}",
                            work.figure(trial),
                            Work.processor(trial),
                            Work.fairness(trial),
                            trial.get(0).p99()))
                    .toList();
            all.add("\"" + contestant + "\":[" + String.join(",", figures) + "]");
        });
        return "{\"store\":\"" + store + "\",\"work\":\"" + work + "\"," + String.join(",", all) + "}";
    }

    private String shown(Contestant contestant) {
        List<Double> all = sorted(contestant, work::figure);
        return String.format(
                Locale.ROOT,
                "%,.0f (%,.0f to %,.0f)",
                median(contestant, work::figure),
                all.get(0),
                all.get(all.size() - 1));
    }

    private double median(Contestant contestant, ToDoubleFunction<List<Result>> figure) {
        List<Double> all = sorted(contestant, figure);
        return (all.get((all.size() - 1) / 2) + all.get(all.size() / 2)) / 2;
    }

    private List<Double> sorted(Contestant contestant, ToDoubleFunction<List<Result>> figure) {
        List<Double> all = new ArrayList<>(turns.getOrDefault(contestant, List.of()).stream()
                .map(figure::applyAsDouble)
                .toList());
        Collections.sort(all);
        return all;
    }
}
