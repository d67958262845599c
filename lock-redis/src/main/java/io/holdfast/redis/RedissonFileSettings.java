// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.ObjIntConsumer;
import org.redisson.config.Config;
import org.redisson.config.SingleServerConfig;

/**
 * The settings of a Redisson configuration: those that locks take, those that they have a setting of their own for, and those that make
 * no difference to them. A name in none of these is a typing error.
 */
final class RedissonFileSettings {
    private static final int MOST = 10_000;

    static final Map<String, Setter<Config>> COMMON = common();
    static final Map<String, Setter<SingleServerConfig>> SERVER = server();

    /** What to write in place of a setting that would be a second source of something. */
    static final Map<String, String> INSTEAD = instead();

    static final Set<String> COMMON_LEFT_OUT = Set.of(
            "singleServerConfig",
            "addressResolverGroupFactory",
            "checkLockSyncedSlaves",
            "cleanUpKeysAmount",
            "codec",
            "commandMapper",
            "connectionListener",
            "decodeInExecutor",
            "eventLoopGroup",
            "executor",
            "fairLockWaitTimeout",
            "keepPubSubOrder",
            "lazyInitialization",
            "lockWatchdogBatchSize",
            "lockWatchdogTimeout",
            "maxCleanUpDelay",
            "minCleanUpDelay",
            "nameMapper",
            "nettyExecutor",
            "nettyHook",
            "protocol",
            "redissonReferenceEnabled",
            "referenceEnabled",
            "registrationKey",
            "reliableTopicWatchdogTimeout",
            "slavesSyncTimeout",
            "sslProvider",
            "transportMode",
            "useLinuxNativeEpoll",
            "useScriptCache",
            "useThreadClassLoader",
            "valkeyCapabilities");

    static final Set<String> SERVER_LEFT_OUT = Set.of(
            "address",
            "commandMapper",
            "connectTimeout",
            "database",
            "failedAttempts",
            "keepAlive",
            "nameMapper",
            "pingTimeout",
            "reconnectionDelay",
            "reconnectionTimeout",
            "retryAttempts",
            "retryDelay",
            "retryInterval",
            "sslEnableEndpointIdentification",
            "sslProvider",
            "timeout");

    private RedissonFileSettings() {}

    /** Sets one on Redisson's configuration. */
    interface Setter<C> {
        void set(C config, RedissonFileValue value);
    }

    private static Map<String, Setter<Config>> common() {
        Map<String, Setter<Config>> all = new HashMap<>();
        all.put("threads", number(1, Config::setThreads));
        all.put("nettyThreads", number(1, Config::setNettyThreads));
        all.put("tcpKeepAlive", flag(Config::setTcpKeepAlive));
        all.put("tcpNoDelay", flag(Config::setTcpNoDelay));
        all.put("tcpKeepAliveCount", number(0, Config::setTcpKeepAliveCount));
        all.put("tcpKeepAliveIdle", number(0, Config::setTcpKeepAliveIdle));
        all.put("tcpKeepAliveInterval", number(0, Config::setTcpKeepAliveInterval));
        all.put("tcpUserTimeout", milliseconds(0, Config::setTcpUserTimeout));
        all.put("sslProtocols", (config, value) -> config.setSslProtocols(value.texts()));
        all.put("sslCiphers", (config, value) -> config.setSslCiphers(value.texts()));
        return Map.copyOf(all);
    }

    private static Map<String, Setter<SingleServerConfig>> server() {
        Map<String, Setter<SingleServerConfig>> all = new HashMap<>();
        all.put("clientName", (config, value) -> config.setClientName(value.text()));
        all.put("connectionMinimumIdleSize", number(1, SingleServerConfig::setConnectionMinimumIdleSize));
        all.put("connectionPoolSize", number(1, SingleServerConfig::setConnectionPoolSize));
        all.put(
                "subscriptionConnectionMinimumIdleSize",
                number(1, SingleServerConfig::setSubscriptionConnectionMinimumIdleSize));
        all.put("subscriptionConnectionPoolSize", number(1, SingleServerConfig::setSubscriptionConnectionPoolSize));
        all.put("subscriptionsPerConnection", number(1, SingleServerConfig::setSubscriptionsPerConnection));
        all.put("subscriptionTimeout", milliseconds(1, SingleServerConfig::setSubscriptionTimeout));
        all.put("idleConnectionTimeout", milliseconds(1, SingleServerConfig::setIdleConnectionTimeout));
        all.put("pingConnectionInterval", milliseconds(0, SingleServerConfig::setPingConnectionInterval));
        all.put("dnsMonitoringInterval", milliseconds(-1, SingleServerConfig::setDnsMonitoringInterval));
        return Map.copyOf(all);
    }

    private static <C> Setter<C> number(int least, ObjIntConsumer<C> setter) {
        return (config, value) -> setter.accept(config, value.number(least, MOST));
    }

    private static <C> Setter<C> milliseconds(int least, ObjIntConsumer<C> setter) {
        return (config, value) -> setter.accept(config, value.number(least, Integer.MAX_VALUE));
    }

    private static <C> Setter<C> flag(BiConsumer<C, Boolean> setter) {
        return (config, value) -> setter.accept(config, value.flag());
    }

    private static Map<String, String> instead() {
        Map<String, String> all = new HashMap<>();
        all.put("username", "set 'user'");
        all.put("password", "set 'password-file' or 'password'");
        all.put("credentialsResolver", "set 'password-file', which is read at every connection");
        for (String one : Set.of("sslTruststore", "sslTruststorePassword", "sslTrustManagerFactory")) {
            all.put(one, "set 'tls.ca' to a PEM file");
        }
        for (String one : Set.of("sslKeystore", "sslKeystorePassword", "sslKeystoreType", "sslKeyManagerFactory")) {
            all.put(one, "set 'tls.certificate' and 'tls.key' to PEM files");
        }
        all.put("sslVerificationMode", "set 'tls.verify'");
        for (String mode : Set.of(
                "clusterServersConfig",
                "sentinelServersConfig",
                "masterSlaveServersConfig",
                "replicatedServersConfig")) {
            all.put(mode, "this version serves one server, as in 'singleServerConfig'");
        }
        all.put("spring", "it is Spring's wrapper; write what stands below 'config' into a file of its own");
        return Map.copyOf(all);
    }
}
