// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.ClientBuilder;
import io.grpc.netty.GrpcSslContexts;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.TlsFiles;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Tag;

/** The whole kit over TLS, with an authority and a client's certificate of its own. */
@Tag("long")
class TlsTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new EtcdFixture(StoreKind.ETCD_3_4.spec().withTls()) {
            @Override
            public String url() {
                TlsFiles tls = server().tls();
                return "etcds://" + endpoints() + "?prefix=" + prefix + "&tls.ca=" + tls.ca() + "&tls.certificate="
                        + tls.certificate() + "&tls.key=" + tls.key();
            }

            @Override
            ClientBuilder administration() {
                TlsFiles tls = server().tls();
                try {
                    return super.administration()
                            .sslContext(GrpcSslContexts.forClient()
                                    .trustManager(tls.ca().toFile())
                                    .keyManager(
                                            tls.certificate().toFile(),
                                            tls.key().toFile())
                                    .build());
                } catch (SSLException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }
}
