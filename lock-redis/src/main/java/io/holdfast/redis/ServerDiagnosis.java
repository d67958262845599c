// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Whether a server is set up safely for locks, by what it says of itself; what each verdict means is in docs/backends/redis.md. */
final class ServerDiagnosis {
    private static final String NOT_SHOWN = "this user may not look at it";
    private static final String LET_IT_BE_SEEN =
            "allow it (ACL SETUSER … +info +config|get), or diagnose as an administrator";

    /** Clocks that are kept by NTP are closer than this. */
    private static final long CLOCK_TOLERANCE_MILLIS = 1000;

    private static final int FULL_PERCENT = 90;

    private final ServerFacts facts;
    private final Rights rights;
    private final List<StoreFinding> transport;
    private final Map<String, String> info;

    ServerDiagnosis(ServerFacts facts, Rights rights, List<StoreFinding> transport) {
        this.facts = facts;
        this.rights = rights;
        this.transport = transport;
        this.info = facts.info();
    }

    List<StoreFinding> findings() {
        List<StoreFinding> all =
                new ArrayList<>(List.of(version(), persistence(), eviction(), memory(), replicas(), clock(), rights()));
        all.addAll(transport);
        return List.copyOf(all);
    }

    private StoreFinding version() {
        String server = facts.server();
        return server.matches("(redis [78]|valkey 8)\\..*")
                ? StoreFinding.ok("version", server)
                : new StoreFinding(
                        Verdict.WARNING,
                        "version",
                        StoreWords.shown(server) + ", which Holdfast is not tested with",
                        "use Redis 7 or 8, or Valkey 8");
    }

    private StoreFinding persistence() {
        if (info.isEmpty()) {
            return unseen("persistence", NOT_SHOWN);
        }
        if (isFailing("aof_last_write_status") || isFailing("rdb_last_bgsave_status")) {
            return new StoreFinding(
                    Verdict.UNSAFE,
                    "persistence",
                    "the last write to disk failed: new locks may be refused (MISCONF), and a restart gives away those held",
                    "read the server's log, and make room on its disk");
        }
        if (!"1".equals(info.get("aof_enabled"))) {
            return new StoreFinding(
                    Verdict.UNSAFE,
                    "persistence",
                    snapshots() + ": after a restart, locks that are still held are given away",
                    "set 'appendonly yes' and 'appendfsync always', or start the server a lease after it ended, and guard by"
                            + " the token");
        }
        String forced = facts.config().get(ServerFacts.APPENDFSYNC);
        if (forced == null) {
            return unseen("persistence", "an append-only file; " + NOT_SHOWN + " how soon it is forced to disk");
        }
        return forced.equals("always")
                ? StoreFinding.ok("persistence", "holds and tokens are on disk before they are answered")
                : new StoreFinding(
                        Verdict.WARNING,
                        "persistence",
                        "appendfsync " + forced + ": a power failure takes back the latest grants",
                        "set 'appendfsync always', or guard by the token");
    }

    private boolean isFailing(String field) {
        return "err".equals(info.get(field));
    }

    private String snapshots() {
        String save = facts.config().get(ServerFacts.SAVE);
        if (save == null) {
            return "no append-only file";
        }
        return save.isEmpty() ? "none" : "snapshots only (save " + save + ")";
    }

    private StoreFinding eviction() {
        String policy = info.get("maxmemory_policy");
        if (policy == null) {
            return unseen("eviction policy", NOT_SHOWN);
        }
        return policy.equals("noeviction")
                ? StoreFinding.ok("eviction policy", policy)
                : new StoreFinding(
                        Verdict.UNSAFE,
                        "eviction policy",
                        policy + ": at maxmemory the server drops locks that are held",
                        "CONFIG SET maxmemory-policy noeviction; a cache needs a server of its own");
    }

    private StoreFinding memory() {
        if (info.isEmpty()) {
            return unseen("memory", NOT_SHOWN);
        }
        long used = number("used_memory");
        long most = number("maxmemory");
        if (most == 0) {
            return StoreFinding.ok("memory", mebibytes(used) + " used, no maxmemory");
        }
        String seen = mebibytes(used) + " used of " + mebibytes(most);
        if (used < most / 100.0 * FULL_PERCENT) {
            return StoreFinding.ok("memory", seen);
        }
        return new StoreFinding(
                used < most ? Verdict.WARNING : Verdict.UNSAFE,
                "memory",
                seen + (used < most ? "" : ": no new lock is taken"),
                "raise maxmemory, or find what fills it");
    }

    private StoreFinding replicas() {
        if (info.isEmpty()) {
            return unseen("replicas", NOT_SHOWN);
        }
        if (!"master".equals(info.get("role"))) {
            return new StoreFinding(
                    Verdict.UNSAFE,
                    "replicas",
                    "this server is itself a replica, of " + info.get("master_host") + ":" + info.get("master_port"),
                    "connect to the master");
        }
        long count = number("connected_slaves");
        return count == 0
                ? StoreFinding.ok("replicas", "none")
                : new StoreFinding(
                        Verdict.WARNING,
                        "replicas",
                        String.join("; ", lags(count)),
                        "guard by the token: a fail-over gives away locks that the new master had not heard of");
    }

    private List<String> lags(long count) {
        List<String> lags = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            String replica = info.getOrDefault("slave" + i, "");
            long behind = number("master_repl_offset") - part(replica, "offset");
            lags.add(
                    replica.contains("state=online")
                            ? "one is " + behind + " bytes behind, heard from " + part(replica, "lag") + " s ago"
                            : "one is not in step yet");
        }
        return lags;
    }

    private StoreFinding clock() {
        long ahead = facts.clockAheadMillis();
        if (Math.abs(ahead) - facts.clockDoubtMillis() <= CLOCK_TOLERANCE_MILLIS) {
            return StoreFinding.ok(
                    "clock",
                    "at most " + (Math.abs(ahead) + facts.clockDoubtMillis()) + " ms from this machine's clock");
        }
        return new StoreFinding(
                Verdict.WARNING,
                "clock",
                String.format(
                        Locale.ROOT,
                        "%.1f s %s this machine's",
                        Math.abs(ahead) / 1000.0,
                        ahead > 0 ? "ahead of" : "behind"),
                "keep both by NTP, slewed: a step of the server's clock forward by a lease gives away locks that are held");
    }

    private StoreFinding rights() {
        if (!rights.known()) {
            return new StoreFinding(
                    Verdict.UNKNOWN, "rights", "this server cannot tell them", "use Redis 7 or 8, or Valkey 8");
        }
        if (rights.refused().isEmpty()) {
            return StoreFinding.ok("rights", "all that locks need");
        }
        return new StoreFinding(
                rights.tooFew() ? Verdict.UNSAFE : Verdict.WARNING,
                "rights",
                "this user may not call " + String.join(", ", rights.refused()),
                "give it the rights that docs/backends/redis.md lists");
    }

    private static StoreFinding unseen(String subject, String seen) {
        return new StoreFinding(Verdict.UNKNOWN, subject, seen, LET_IT_BE_SEEN);
    }

    private long number(String field) {
        return Long.parseLong(info.getOrDefault(field, "0"));
    }

    /** A number in a field such as {@code ip=127.0.0.1,port=7001,state=online,offset=14,lag=1}. */
    private static long part(String field, String name) {
        for (String part : field.split(",", -1)) {
            if (part.startsWith(name + "=")) {
                return Long.parseLong(part.substring(name.length() + 1));
            }
        }
        return 0;
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }
}
