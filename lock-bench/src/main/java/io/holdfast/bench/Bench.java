// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import io.holdfast.lab.server.StoreServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Holdfast beside the library that is used most with each store: the same work, on the same server, in one run, by turns. What it says
 * are ratios; its times are those of a machine on which the server and the clients share the processors.
 */
public final class Bench {
    private static final String USAGE =
            """
            usage: ./bench [--quick] [--store NAME,...] [--work NAME,...] [--turns N] [--json FILE] [--page]
            stores: redis, zookeeper, etcd, consul
            work:   one-thread, eight-threads, sixteen-locks, hand-overs, wake-up
            --turns  how often each has its turn (3)
            --quick  a second each, once: whether it runs, and no figure to rely on
            --json   where all figures are written, too (lock-bench/target/bench.json)
            --page   docs/PERFORMANCE.md gets the table
            """;

    private final Set<BenchStore> stores = EnumSet.allOf(BenchStore.class);
    private final Set<Work> works = EnumSet.allOf(Work.class);
    private Trial.Length length = Trial.Length.FULL;
    private boolean page;
    private Path json = Path.of("lock-bench", "target", "bench.json");

    private Bench() {}

    /**
     * Measures.
     *
     * @param args see {@code ./bench --help}; exit code 64 for wrong use
     */
    public static void main(String[] args) throws IOException {
        Bench bench = new Bench();
        try {
            if (!bench.parse(Arrays.asList(args))) {
                System.out.print(USAGE);
                return;
            }
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            System.err.print(USAGE);
            System.exit(64);
        }
        bench.run();
    }

    private boolean parse(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            String option = args.get(i);
            switch (option) {
                case "--help", "-h" -> {
                    return false;
                }
                case "--quick" -> length = Trial.Length.QUICK;
                case "--turns" -> length = length.times(value(args, ++i));
                case "--page" -> page = true;
                case "--store" -> only(BenchStore.class, stores, value(args, ++i));
                case "--work" -> only(Work.class, works, value(args, ++i));
                case "--json" -> json = Path.of(value(args, ++i));
                default -> throw new IllegalArgumentException("unknown option " + option);
            }
        }
        return true;
    }

    private static String value(List<String> args, int at) {
        if (at >= args.size()) {
            throw new IllegalArgumentException(args.get(at - 1) + " has no value");
        }
        return args.get(at);
    }

    private static <E extends Enum<E>> void only(Class<E> type, Set<E> chosen, String names) {
        chosen.clear();
        for (String name : names.split(",", -1)) {
            chosen.add(Arrays.stream(type.getEnumConstants())
                    .filter(one ->
                            one.name().equals(name.toUpperCase(Locale.ROOT).replace('-', '_')))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("unknown name " + name)));
        }
    }

    private void run() throws IOException {
        List<Row> rows = new ArrayList<>();
        System.out.println(Row.head());
        for (BenchStore store : stores) {
            try (StoreServer server = store.kind().spec().start()) {
                for (Work work : works) {
                    Row row = measured(store, work, server.node(1).endpoint());
                    rows.add(row);
                    System.out.println(row.line());
                }
            }
        }
        String all = rows.stream().map(Row::json).collect(Collectors.joining(",\n", "[", "]\n"));
        Files.writeString(json, all, StandardCharsets.UTF_8);
        if (page) {
            Page.write(rows);
        }
    }

    /** By turns, so that what changes about the machine meanwhile meets all alike. */
    private Row measured(BenchStore store, Work work, String endpoint) throws IOException {
        Row row = new Row(store, work);
        for (int turn = 0; turn < length.turns(); turn++) {
            for (Contestant contestant : row.contestants()) {
                row.add(contestant, new Trial(store, contestant, work).run(endpoint, length));
            }
        }
        return row;
    }
}
