// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.ClientBuilder;
import io.holdfast.lab.server.Credentials;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import org.junit.jupiter.api.Tag;

/** The whole kit as a user with the role that {@code docs/backends/etcd.md} describes: keys that begin with {@code holdfast/}. */
@Tag("long")
class RoleTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new EtcdFixture(StoreKind.ETCD_3_5.spec().withCredentials("holdfast/"), "holdfast/kit") {
            @Override
            public String url() {
                Credentials known = server().credentials();
                return "etcd://" + known.user() + ":" + known.password() + "@" + endpoints() + "?prefix=" + prefix;
            }

            @Override
            public String neighbourPrefix() {
                return "holdfast/neighbour";
            }

            @Override
            ClientBuilder administration() {
                Credentials known = server().credentials();
                return super.administration()
                        .user(ByteSequence.from(known.admin(), UTF_8))
                        .password(ByteSequence.from(known.adminPassword(), UTF_8));
            }
        };
    }
}
