// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.TlsFiles;
import io.holdfast.spi.BackendConfig;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.junit.jupiter.api.Tag;

/** The whole kit over TLS, with an authority and a client's certificate of its own. */
@Tag("long")
class TlsTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        return new ZooKeeperFixture(StoreKind.ZOOKEEPER_3_9.spec().withTls(), 500) {
            @Override
            public String url() {
                TlsFiles tls = server().tls();
                return super.url().replace("zookeeper://", "zookeepers://") + "&tls.ca=" + tls.ca()
                        + "&tls.certificate=" + tls.certificate() + "&tls.key=" + tls.key();
            }

            @Override
            ZKClientConfig administratorsClient() {
                ZKClientConfig client = new ZKClientConfig();
                TlsFiles tls = server().tls();
                Path both = tls.key().resolveSibling("administrator.pem");
                try (ClientX509Util names = new ClientX509Util()) {
                    Files.writeString(both, Files.readString(tls.key()) + "\n" + Files.readString(tls.certificate()));
                    client.setProperty(names.getSslKeystoreLocationProperty(), both.toString());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                new TlsClient(BackendConfig.of(config()).tls()).configure(client, 0);
                return client;
            }
        };
    }
}
