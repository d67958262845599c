// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.lab.server.TlsFiles;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import org.junit.jupiter.api.Tag;

/** The whole kit over TLS, with an authority and a client's certificate of its own. */
@Tag("long")
class TlsTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new ConsulFixture(ConsulFixture.usual().withTls()) {
            @Override
            public String url() {
                TlsFiles tls = server().tls();
                return "consuls://" + endpoint() + "?" + LEASES + "&prefix=" + prefix + "&tls.ca=" + tls.ca()
                        + "&tls.certificate=" + tls.certificate() + "&tls.key=" + tls.key();
            }

            @Override
            Administrator administrator() {
                return new Administrator(
                        server().node(1).endpoint(), null, server().tls().sslContext());
            }
        };
    }
}
