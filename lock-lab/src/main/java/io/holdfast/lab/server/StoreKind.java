// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.util.List;
import java.util.Locale;

/** A kind of server, with its release line: what a test shows with it is said of that line only. */
@SuppressWarnings("ImmutableEnumChecker") // Recipes have no state, and the list is List.of: both are immutable.
public enum StoreKind {
    /** Redis 7. */
    REDIS_7(new RedisRecipe("redis_version"), "7.", "redis:7.4-alpine", "redis-server"),
    /** Redis 8. */
    REDIS_8(new RedisRecipe("redis_version"), "8.", "redis:8.0-alpine", "redis-server-8", "redis-server"),
    /** Valkey 8. */
    VALKEY_8(new RedisRecipe("valkey_version"), "8.", "valkey/valkey:8.1-alpine", "valkey-server-8", "valkey-server"),
    /** ZooKeeper 3.9. */
    ZOOKEEPER_3_9(new ZooKeeperRecipe(), "3.9.", "zookeeper:3.9", "zkServer.sh"),
    /** etcd 3.4. */
    ETCD_3_4(new EtcdRecipe(), "3.4.", "quay.io/coreos/etcd:v3.4.23", "etcd"),
    /** etcd 3.5. */
    ETCD_3_5(new EtcdRecipe(), "3.5.", "quay.io/coreos/etcd:v3.5.16", "etcd-3.5", "etcd"),
    /** Consul 1.8. */
    CONSUL_1_8(new ConsulRecipe(), "1.8.", "consul:1.8.7", "consul"),
    /** PostgreSQL 15. */
    POSTGRESQL_15(new PostgresRecipe(), "15.", "postgres:15-alpine", "postgres-15"),
    /** MariaDB 10.11. */
    MARIADB_10_11(new MariadbRecipe(), "10.11.", "mariadb:10.11", "mariadbd-10.11");

    private final Recipe recipe;
    private final String release;
    private final String image;
    private final List<String> programs;

    StoreKind(Recipe recipe, String release, String image, String... programs) {
        this.recipe = recipe;
        this.release = release;
        this.image = image;
        this.programs = List.of(programs);
    }

    /**
     * How to start one.
     *
     * @return a specification of a single server without TLS and credentials, whose data need not last
     */
    public ServerSpec spec() {
        return ServerSpec.of(this);
    }

    /** What the version of such a server begins with. */
    String release() {
        return release;
    }

    Recipe recipe() {
        return recipe;
    }

    /**
     * A container image of such a server: the public one, unless the property {@code holdfast.servers.image.LABEL} names
     * another.
     *
     * @return the name of the image
     */
    public String image() {
        return ServerHosts.setting("holdfast.servers.image." + label(), image);
    }

    /**
     * The names of the server's program: the most specific first, the one in the public image last.
     *
     * @return an unmodifiable list
     */
    public List<String> programs() {
        return programs;
    }

    /**
     * The kind as it is written in properties and file names.
     *
     * @return such as {@code redis-7} or {@code etcd-3.5}
     */
    public String label() {
        int split = name().indexOf('_');
        return name().substring(0, split).toLowerCase(Locale.ROOT)
                + "-"
                + name().substring(split + 1).replace('_', '.');
    }

    @Override
    public String toString() {
        return label();
    }
}
