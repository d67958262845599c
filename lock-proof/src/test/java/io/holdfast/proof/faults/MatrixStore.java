// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

import io.holdfast.lab.server.ServerSpec;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.spi.StoreUri;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A column of the matrix: a store, one server of its own, and how a client reaches it. */
enum MatrixStore {
    FILE("file", null, "?crash-grace=500ms"),
    REDIS("redis", StoreKind.REDIS_7.spec(), "/0?prefix=faults"),
    ETCD("etcd", StoreKind.ETCD_3_4.spec(), "?prefix=faults"),
    CONSUL("consul", StoreKind.CONSUL_1_8.spec().line("session_ttl_min = \"1s\""), "?session-ttl-min=2s&prefix=faults"),
    ZOOKEEPER("zookeeper", StoreKind.ZOOKEEPER_3_9.spec().line("tickTime=200"), "?tick=200ms&prefix=faults");

    private final String scheme;

    @SuppressWarnings("ImmutableEnumChecker") // a spec is changed by making another
    private final @Nullable ServerSpec spec;

    private final String rest;

    MatrixStore(String scheme, @Nullable ServerSpec spec, String rest) {
        this.scheme = scheme;
        this.spec = spec == null ? null : spec.durable();
        this.rest = rest;
    }

    /** Null where there is none: the files of one host. */
    @Nullable
    ServerSpec spec() {
        return spec;
    }

    /** A client's URL. */
    String url(String endpoint) {
        return scheme + "://" + endpoint + rest;
    }

    /** A client's URL, of files. */
    String url(Path folder) {
        return scheme + ":" + StoreUri.encodePath(folder.toString()) + rest;
    }

    String title() {
        return scheme;
    }
}
