// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.maintenance.StatusResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.holdfast.LockConfigException;
import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.GuaranteeClass;
import io.holdfast.spi.Secret;
import io.holdfast.spi.StoreUri;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A jetcd client of our own: where it connects to, how, and how it ends. */
final class Connection {
    private static final String TLS_SCHEME = "etcds";
    static final int USUAL_PORT = 2379;

    /** How long a connection may be silent before it is asked whether it lives; gRPC allows no less. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    /** A leader that was told to writes down every so often what is left of a lease, if that is more than this. */
    private static final Duration CHECKPOINT = Duration.ofMinutes(5);

    private static final long FIRST_RETRY_MILLIS = 20;
    private static final long LONGEST_RETRY_MILLIS = 500;

    /** A channel that is shut ends within milliseconds, server or no server. */
    private static final long LONGEST_END_MILLIS = 500;

    private final List<String> endpoints;
    private final ScheduledExecutorService retries;
    private final List<StoreFinding> way;

    private Connection(List<String> endpoints, ScheduledExecutorService retries, List<StoreFinding> way) {
        this.endpoints = endpoints;
        this.retries = retries;
        this.way = way;
    }

    /** What a diagnosis says of the settings that lead to the members. */
    List<StoreFinding> way() {
        return way;
    }

    static EtcdBackend open(BackendConfig config) {
        return Borrowed.thread(() -> opened(config));
    }

    private static EtcdBackend opened(BackendConfig config) {
        EtcdSettings settings = EtcdSettings.of(config);
        List<String> endpoints = endpoints(config.uri());
        ClientBuilder builder = builder(config, endpoints);
        Connection connection = new Connection(endpoints, new OnCaller("holdfast-etcd-retries"), settings(config));
        Client client = builder.executorService(connection.retries).build();
        EtcdLine line = EtcdLine.owning(client, settings, config.uri().toString(), connection);
        try {
            return new EtcdBackend(line, config);
        } catch (RuntimeException e) { // no runtime to ask on
            line.close();
            throw e;
        }
    }

    private static List<StoreFinding> settings(BackendConfig config) {
        List<StoreFinding> all =
                new ArrayList<>(config.way(config.uri().scheme().equals(TLS_SCHEME)));
        if (config.lease().compareTo(CHECKPOINT) > 0) {
            all.add(new StoreFinding(
                    Verdict.WARNING,
                    "lease",
                    DurationFormat.show(config.lease()) + ": an election may end it early where a member runs with"
                            + " --experimental-enable-lease-checkpoint, which no member tells",
                    "leave that flag off, or take a lease of 5 minutes at most"));
        }
        Duration noticed = SILENCE.plus(config.operationTimeout());
        Duration safe =
                noticed.multipliedBy(3).dividedBy(2); // a third is over when the renewal is sent that meets silence
        if (config.lease().compareTo(safe) < 0) {
            all.add(new StoreFinding(
                    Verdict.WARNING,
                    "lease",
                    DurationFormat.show(config.lease()) + ": a connection that dies without a word is noticed after "
                            + DurationFormat.show(noticed) + ", which may cost the holds",
                    "take a lease of " + DurationFormat.show(safe) + " or more"));
        }
        return all;
    }

    private static List<String> endpoints(StoreUri uri) {
        if (uri.hosts().isEmpty()) {
            throw new LockConfigException("'" + uri + "' names no host: two slashes go before the hosts, as in "
                    + uri.scheme() + "://h1:2379,h2:2379");
        }
        if (!uri.path().isEmpty() && !uri.path().equals("/")) {
            throw new LockConfigException(
                    "'" + uri + "' has a path; say 'prefix' or 'namespace' for what keys begin with");
        }
        String scheme = uri.scheme().equals(TLS_SCHEME) ? "https://" : "http://";
        return uri.hosts().stream()
                .map(host -> scheme + new StoreUri.Host(host.name(), OptionalInt.of(host.portOr(USUAL_PORT))))
                .toList();
    }

    private static ClientBuilder builder(BackendConfig config, List<String> endpoints) {
        ClientBuilder builder = Client.builder()
                .endpoints(endpoints.stream().map(URI::create).toList())
                .connectTimeout(EtcdSettings.of(config).oneTry())
                .keepaliveTime(SILENCE)
                .keepaliveTimeout(config.operationTimeout())
                // etcd ends connections that ask without a call.
                .keepaliveWithoutCalls(false)
                // What cannot be sent fails at once, and is known to have done nothing.
                .waitForReady(false)
                .loadBalancerPolicy(EagerRoundRobin.policy())
                .retryDelay(FIRST_RETRY_MILLIS)
                .retryMaxDelay(LONGEST_RETRY_MILLIS)
                .interceptor(
                        new Deadlines(EtcdSettings.of(config).oneTry(), config.operationTimeout()),
                        new OnReader(),
                        new LeaderRequired(),
                        new Login(config::password));
        config.text(EtcdSettings.NAMESPACE).map(Connection::bytes).ifPresent(builder::namespace);
        if (config.user().isPresent() != config.password().isPresent()) {
            throw new LockConfigException("'user' and 'password' come together; only one of them is set");
        }
        if (config.user().isPresent()) {
            FrameLog.off();
        }
        config.user().map(Connection::bytes).ifPresent(builder::user);
        config.password().map(Secret::reveal).map(Connection::bytes).ifPresent(builder::password);
        if (config.uri().scheme().equals(TLS_SCHEME)) {
            builder.sslContext(tls(config));
        }
        return builder;
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private static SslContext tls(BackendConfig config) {
        SslContextBuilder builder = GrpcSslContexts.forClient();
        config.tls().keyManagers().ifPresent(builder::keyManager);
        if (config.tls().verify()) {
            config.tls().trustManagers().ifPresent(builder::trustManager);
        } else {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        }
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new LockConfigException("settings 'tls.*' do not make a TLS context (" + e.getMessage() + ")", e);
        }
    }

    /**
     * The class of a cluster whose members say what they are (rule ME-1).
     *
     * @param asked those that the address names
     * @param members how many the cluster has; 0 when it did not say
     */
    static GuaranteeClass guarantee(List<Member> asked, int members) {
        LeaseFix needed = members == 1 ? LeaseFix.IN_PART : LeaseFix.WHOLE;
        // What the address does not name has not said what it is, and may lead.
        boolean all = members <= asked.size();
        boolean fixed = asked.stream().allMatch(one -> fix(one).compareTo(needed) >= 0);
        return all && fixed ? GuaranteeClass.A : GuaranteeClass.B;
    }

    private static LeaseFix fix(Member one) {
        StatusResponse status = one.status();
        return status == null ? LeaseFix.NONE : LeaseFix.of(status.getVersion());
    }

    /**
     * What one member says of itself.
     *
     * @param endpoint as the address names it
     * @param status null when it did not answer
     */
    record Member(String endpoint, @Nullable StatusResponse status) {}

    /** Asks each member that the address names, each on a connection of its own. Takes no longer than connecting may. */
    CompletionStage<List<Member>> statuses(Client client) {
        List<CompletableFuture<Member>> asked =
                endpoints.stream().map(endpoint -> status(client, endpoint)).toList();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenApply(done -> asked.stream().map(CompletableFuture::join).toList());
    }

    private static CompletableFuture<Member> status(Client client, String endpoint) {
        String address = endpoint.substring(endpoint.indexOf("://") + 3);
        CompletableFuture<StatusResponse> status;
        try {
            status = Borrowed.thread(() -> client.getMaintenanceClient().statusMember("ip:///" + address));
        } catch (RuntimeException e) { // a client that was closed
            return CompletableFuture.completedFuture(new Member(address, null));
        }
        return status.handle((reply, failure) -> new Member(address, failure == null ? reply : null));
    }

    void close(Client client) {
        ManagedChannel channel = Borrowed.thread(() -> channel(client));
        Borrowed.thread(() -> {
            client.close();
            return retries.shutdownNow();
        });
        if (channel != null) {
            awaitEnd(channel);
        }
    }

    /**
     * Who closes may be an application that is undeployed, whose class loader is shut next. gRPC lets go of its threads at the end of the
     * channel, which comes later: without a class that it needs for that, they live on for ever (rule CL-6).
     */
    private static void awaitEnd(ManagedChannel channel) {
        try {
            channel.awaitTermination(LONGEST_END_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** jetcd shows it to nobody; null where it cannot be had, and then a close does not wait for its end. */
    private static @Nullable ManagedChannel channel(Client client) {
        try {
            Field manager = client.getClass().getDeclaredField("connectionManager");
            manager.setAccessible(true);
            Object connections = manager.get(client);
            Method channel = connections.getClass().getDeclaredMethod("getChannel");
            channel.setAccessible(true);
            return (ManagedChannel) channel.invoke(connections);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }
}
