// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.LockConfig;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;
import org.junit.jupiter.api.Tag;

/** The whole kit as a user who has the rights of {@code docs/backends/zookeeper.md}, where nobody else has any. */
@Tag("long")
class DigestTckTest extends LockTck {
    @Override
    protected LockBackendFixture fixture() {
        ZooKeeperFixture fixture = new ZooKeeperFixture(StoreKind.ZOOKEEPER_3_9.spec(), 500) {
            @Override
            public String url() {
                return super.url().replace("://", "://locker:locker-pw@");
            }

            @Override
            public LockConfig config() {
                return LockConfig.of(url());
            }

            @Override
            public void restartServer(boolean keepData) {
                super.restartServer(keepData);
                if (!keepData) {
                    prepare(this);
                }
            }
        };
        prepare(fixture);
        return fixture;
    }

    private static void prepare(ZooKeeperFixture fixture) {
        try (Admin admin = fixture.administrator()) {
            String locker = DigestAuthenticationProvider.generateDigest("locker:locker-pw");
            admin.zookeeper()
                    .create(
                            "/" + fixture.prefix,
                            "locks".getBytes(StandardCharsets.UTF_8),
                            Collections.singletonList(new ACL(ZooDefs.Perms.ALL, new Id("digest", locker))),
                            CreateMode.PERSISTENT);
        } catch (Exception e) {
            throw new AssertionError("the server could not be prepared", e);
        }
    }
}
