// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.holdfast.LockDeniedException;
import io.holdfast.LockException;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.consul.Transport.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** Whether Consul is set up safely for locks; what each verdict means is in docs/backends/consul.md. Changes nothing. */
final class ServerDiagnosis {
    private static final String WHAT = "diagnose";
    private static final String NOT_SHOWN = "this token may not look at the agent's settings";
    private static final String LET_IT_BE_SEEN =
            "allow it (agent_prefix \"\" { policy = \"read\" }), or diagnose with another token";

    /** Beside waiting: requests, the query that is shared, and renewals. */
    private static final int OTHER_CONNECTIONS = 1 + Transport.FOR_REQUESTS + 1;

    private final Agent agent;
    private final LockKeys keys;
    private final ConsulSettings settings;
    private final Deaths deaths;
    private final Survey survey;
    private final Supplier<Asker> asker;

    ServerDiagnosis(ConsulLine consul, ConsulSettings settings, Supplier<Asker> asker) {
        this.agent = consul.agent();
        this.keys = consul.keys();
        this.deaths = consul.deaths();
        this.survey = consul.survey();
        this.settings = settings;
        this.asker = asker;
    }

    List<StoreFinding> findings() {
        Optional<JsonObject> self = self();
        List<StoreFinding> findings = new ArrayList<>();
        findings.add(self.map(ServerDiagnosis::version).orElseGet(() -> unseen("version")));
        findings.add(leader());
        findings.add(servers());
        findings.add(self.map(ServerDiagnosis::stay).orElseGet(() -> unseen("agent")));
        findings.add(self.map(this::sessionMinimum).orElseGet(() -> unseen("session minimum")));
        findings.add(self.map(this::connections).orElseGet(() -> unseen("connections")));
        findings.add(keyRights());
        findings.add(sessionRights());
        findings.add(nodeRights(self));
        findings.add(strangers());
        return findings;
    }

    private StoreFinding strangers() {
        try {
            return survey.strangers(asker.get());
        } catch (LockException e) {
            return new StoreFinding(
                    Verdict.UNKNOWN,
                    "entries of others",
                    "the keys under " + keys.root() + " could not be read",
                    "ask again when Consul answers, with the rights to the keys");
        }
    }

    /** What the agent says of itself; empty when it does not say so to us. */
    private Optional<JsonObject> self() {
        Reply reply = agent.get("/v1/agent/self", WHAT, asker.get());
        return reply.status() == 200
                ? Optional.of(agent.read(
                        reply, WHAT, body -> JsonParser.parseString(body).getAsJsonObject()))
                : Optional.empty();
    }

    private static StoreFinding unseen(String subject) {
        return new StoreFinding(Verdict.UNKNOWN, subject, NOT_SHOWN, LET_IT_BE_SEEN);
    }

    private static Optional<String> setting(JsonObject self, String part, String name) {
        JsonElement settings = self.get(part);
        JsonElement value = settings instanceof JsonObject all ? all.get(name) : null;
        return value == null || !value.isJsonPrimitive() ? Optional.empty() : Optional.of(value.getAsString());
    }

    private static StoreFinding version(JsonObject self) {
        String version = setting(self, "Config", "Version").orElse("unknown");
        return version.startsWith("1.8.")
                ? StoreFinding.ok("version", "consul " + version)
                : new StoreFinding(
                        Verdict.WARNING,
                        "version",
                        "consul " + version + ", which Holdfast was not run with",
                        "run 'holdfast tck' against it, or use Consul 1.8");
    }

    /** Consul ends an agent's sessions when its node leaves. */
    private static StoreFinding stay(JsonObject self) {
        Optional<String> server = setting(self, "Config", "Server");
        if (server.isEmpty()) {
            return unseen("agent");
        }
        if (server.get().equals("true")) {
            return StoreFinding.ok("agent", "a server");
        }
        boolean leaves =
                setting(self, "DebugConfig", "LeaveOnTerm").orElse("true").equals("true");
        return leaves
                ? new StoreFinding(
                        Verdict.WARNING,
                        "agent",
                        "in client mode, and it leaves Consul when it is told to stop: its clients lose what they hold then, and"
                                + " who comes next waits for their lease",
                        "set leave_on_terminate = false, or give the servers' addresses")
                : StoreFinding.ok("agent", "in client mode; it stays when it is told to stop");
    }

    /** How many there are decides the class. */
    private StoreFinding servers() {
        OptionalInt servers = agent.servers(WHAT, asker.get());
        if (servers.isEmpty()) {
            return unseen("servers");
        }
        return servers.getAsInt() == 1
                ? StoreFinding.ok("servers", "one, which is class A; it stops all locks when it fails")
                : new StoreFinding(
                        Verdict.WARNING,
                        "servers",
                        servers.getAsInt()
                                + ", which is class B: a leader that stood still for twice a lease, and leads again within"
                                + " minutes, ends sessions that are renewed",
                        "guard what matters by the fencing token, or take leases that are longer than any such stop");
    }

    private StoreFinding leader() {
        Reply reply = agent.get("/v1/status/leader" + agent.query(""), WHAT, asker.get());
        String leader = reply.body().replace("\"", "").strip();
        if (reply.status() == 200 && !leader.isEmpty()) {
            return StoreFinding.ok("leader", leader);
        }
        return new StoreFinding(
                Verdict.UNSAFE,
                "leader",
                "none: no lock can be had, renewed or released",
                "bring back a majority of the servers");
    }

    private StoreFinding sessionMinimum(JsonObject self) {
        Optional<String> told = setting(self, "DebugConfig", "SessionTTLMin");
        if (told.isEmpty()) {
            return unseen("session minimum");
        }
        String ours = settings.shortestLease().toMillis() + "ms";
        Optional<Duration> least = duration(told.get());
        String seen = "session_ttl_min " + told.get() + ", '" + ConsulSettings.SHORTEST_LEASE + "' here " + ours;
        if (least.isEmpty() || least.get().compareTo(settings.shortestLease()) <= 0) {
            return StoreFinding.ok("session minimum", seen);
        }
        return new StoreFinding(
                Verdict.WARNING,
                "session minimum",
                seen + ": a lease between the two is refused by the server",
                "set '" + ConsulSettings.SHORTEST_LEASE + "' to the server's");
    }

    /** As Go writes it, such as 1m30s; 0s stands for Consul's usual one. */
    private static Optional<Duration> duration(String text) {
        if (text.equals("0s")) {
            return Optional.of(ConsulSettings.DEFAULTS.shortestLease());
        }
        if (!text.matches("([0-9]+h)?([0-9]+m)?([0-9]+(\\.[0-9]+)?s)?")) {
            return Optional.empty(); // milliseconds and less: shorter than any that matters
        }
        return Optional.of(Duration.parse("PT" + text.toUpperCase(Locale.ROOT)));
    }

    private StoreFinding connections(JsonObject self) {
        Optional<String> limit = setting(self, "DebugConfig", "HTTPMaxConnsPerClient");
        if (limit.isEmpty() || !limit.get().matches("[0-9]{1,9}")) {
            return unseen("connections");
        }
        int most = Integer.parseInt(limit.get());
        int ours = settings.waitConnections() + OTHER_CONNECTIONS;
        String seen = "http_max_conns_per_client " + most + ", of which a process takes up to " + ours;
        if (most == 0 || most >= 2 * ours) {
            return StoreFinding.ok("connections", seen);
        }
        return new StoreFinding(
                Verdict.WARNING,
                "connections",
                seen + ": a second process at the same address may be refused",
                "raise limits.http_max_conns_per_client, or set 'wait-connections' lower");
    }

    /** A transaction that writes, and that Consul refuses after it has looked at the rights: its session is none. */
    private StoreFinding keyRights() {
        String nobody = "00000000-0000-0000-0000-000000000000";
        String key = keys.session(nobody);
        try {
            Txn txn = new Txn().checkIndex(key, 1).lock(key, nobody, "").show(keys.root());
            agent.transact(txn, WHAT, asker.get());
            return StoreFinding.ok("rights to keys", "the token may write keys under " + keys.root());
        } catch (LockDeniedException e) {
            return new StoreFinding(
                    Verdict.UNSAFE,
                    "rights to keys",
                    "the token may not write keys under " + keys.root() + ": no lock can be had",
                    "give it key_prefix \"" + keys.root() + "\" { policy = \"write\" }");
        }
    }

    /** A session of a kind that there is not, which Consul refuses after it has looked at the rights. */
    private StoreFinding sessionRights() {
        Reply reply =
                agent.put("/v1/session/create" + agent.query(""), "{\"Behavior\":\"none of them\"}", WHAT, asker.get());
        if (reply.status() == 403 || Failures.isDenial(reply.body())) {
            return new StoreFinding(
                    Verdict.UNSAFE,
                    "rights to sessions",
                    "the token may not make sessions: no lock can be had",
                    "give it session_prefix \"NODE\" { policy = \"write\" }, NODE being that of the agent");
        }
        return reply.body().contains("Invalid Behavior")
                ? StoreFinding.ok("rights to sessions", "the token may make sessions")
                : new StoreFinding(
                        Verdict.UNKNOWN,
                        "rights to sessions",
                        "the server answers otherwise than Consul 1.8",
                        "open a client: it makes one");
    }

    /** Asked of the agent's own node; a client asks it of those of others. */
    private StoreFinding nodeRights(Optional<JsonObject> self) {
        Optional<String> node = self.flatMap(one -> setting(one, "Config", "NodeName"));
        if (node.isEmpty()) {
            return unseen("rights to nodes");
        }
        return deaths.registered(Mark.Life.of(0, node.get()).node(), asker.get()) < Long.MAX_VALUE
                ? StoreFinding.ok("rights to nodes", "the token may see nodes")
                : new StoreFinding(
                        Verdict.UNSAFE,
                        "rights to nodes",
                        "the token may not see the agent's node: no session can be opened",
                        "give it node_prefix \"\" { policy = \"read\" }");
    }
}
