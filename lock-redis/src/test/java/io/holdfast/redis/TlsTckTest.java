// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockConfig;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.TlsFiles;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import org.junit.jupiter.api.Tag;

/** The whole kit over TLS, with an authority and a client's certificate of its own. */
@Tag("long")
class TlsTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new RedisFixture(StoreKind.REDIS_7.spec().withTls()) {
            @Override
            public String url() {
                TlsFiles tls = server().tls();
                return "rediss://" + endpoint() + "/0?prefix=" + prefix + "&tls.ca=" + tls.ca() + "&tls.certificate="
                        + tls.certificate() + "&tls.key=" + tls.key();
            }

            @Override
            public LockConfig config() {
                return LockConfig.of(url()).with("trust-url", "true");
            }

            @Override
            Resp administrator() {
                return Resp.open(server().node(1).address(), server().tls().sslContext());
            }
        };
    }
}
