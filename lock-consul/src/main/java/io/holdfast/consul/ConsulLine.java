// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.StoreFinding;
import io.holdfast.consul.Agent.Asker;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.LeaseScope;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.line.Inquiries;
import io.holdfast.spi.line.LineEvents;
import io.holdfast.spi.line.LockLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Consul, by consul-api's raw client: a line of keys for every name, each tied to its client's session. */
final class ConsulLine implements LockLine {
    /** What a takeover takes beyond Consul's own time: noticing, looking, and the requests of both. */
    private static final Duration SLACK = Duration.ofSeconds(2);

    private final Transport transport;
    private final ConsulSettings settings;
    private final String store;
    private final List<StoreFinding> way;
    private final Failures failures;
    private final LockKeys keys;
    private final Agent agent;
    private final Survey survey;
    private final Waits waits;
    private final Opening opening;
    private final Inquiries inquiries;
    private final Deaths deaths = new Deaths(this);
    private final Unclosed unclosed = new Unclosed();
    private final FailedOpenings failedOpenings = new FailedOpenings(this);
    private volatile Capabilities capabilities;

    /**
     * By a client.
     *
     * @param store its address without secrets
     * @param way what a diagnosis says of the settings that lead to the servers
     */
    ConsulLine(Transport transport, ConsulSettings settings, String store, List<StoreFinding> way) {
        this.transport = transport;
        this.settings = settings;
        this.store = store;
        this.way = way;
        this.failures = new Failures(store);
        this.keys = new LockKeys(settings.prefix());
        this.agent = new Agent(transport, failures, settings);
        this.survey = new Survey(agent, keys);
        this.waits = new Waits(agent, keys, settings.waitConnections());
        this.opening = new Opening(this);
        this.inquiries = new ConsulInquiries(this);
        this.capabilities = capabilities(GuaranteeClass.B); // until the servers have said how many they are
    }

    private Capabilities capabilities(GuaranteeClass guarantee) {
        return Capabilities.of(LeaseScope.SESSION)
                .guarantee(guarantee)
                .queues(true)
                .blocking(true)
                .leases(settings.shortestLease(), ConsulSettings.LONGEST_LEASE, Duration.ofMillis(1))
                .leaseReason("by Consul's session_ttl_min, '" + ConsulSettings.SHORTEST_LEASE + "' here")
                .takeover(2, SLACK)
                .build();
    }

    /**
     * Asks the servers something, one after the other until one answers: what keeps them from serving us shows here.
     *
     * @param servers how many there are
     * @param limits whose time limits it
     */
    void connect(int servers, LockRuntime limits) {
        for (int left = servers - 1; ; left--) {
            try {
                agent.entry(keys.session("none"), "open", quick(limits));
                capabilities = capabilities(guarantee(limits));
                return;
            } catch (LockUnavailableException e) {
                if (left <= 0) {
                    throw failures.atOpen(e);
                }
            }
        }
    }

    /**
     * A leader that stood still for longer than a session may be silent means to end it, and tries again for minutes: when it leads anew
     * meanwhile, it ends what its successor has renewed. With one server there is no successor.
     */
    private GuaranteeClass guarantee(LockRuntime limits) {
        return agent.servers("open", quick(limits)).orElse(0) == 1 ? GuaranteeClass.A : GuaranteeClass.B;
    }

    /** By the connections that are kept for renewals: one is there then when an agent takes no more of them. */
    private Asker quick(LockRuntime limits) {
        return agent.renewing(limits, settings.oneTry());
    }

    Agent agent() {
        return agent;
    }

    Failures failures() {
        return failures;
    }

    LockKeys keys() {
        return keys;
    }

    Unclosed unclosed() {
        return unclosed;
    }

    FailedOpenings failedOpenings() {
        return failedOpenings;
    }

    Survey survey() {
        return survey;
    }

    Waits waits() {
        return waits;
    }

    Deaths deaths() {
        return deaths;
    }

    Opening opening() {
        return opening;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public String store() {
        return store;
    }

    @Override
    public CompletionStage<ConsulSession> open(SessionOptions options, LineEvents events) {
        return answered(() -> {
            try {
                return new ConsulSession(this, options, events, opening.make(options, quick(options.runtime())));
            } catch (LockException e) {
                throw failures.atOpen(e);
            }
        });
    }

    @Override
    public Inquiries inquiries() {
        return inquiries;
    }

    @Override
    public CompletionStage<List<StoreFinding>> diagnose(LockRuntime limits) {
        return answered(() -> {
            List<StoreFinding> all =
                    new ArrayList<>(new ServerDiagnosis(this, settings, () -> agent.asker(limits)).findings());
            all.addAll(way);
            return List.copyOf(all);
        });
    }

    /** What a request on this thread brings. */
    <T> CompletionStage<T> answered(Supplier<T> request) {
        try {
            return CompletableFuture.completedFuture(request.get());
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(failures.known(e));
        }
    }

    @Override
    public void close() {
        unclosed.close();
        failedOpenings.close();
        transport.close();
    }

    @Override
    public String toString() {
        return store;
    }
}
