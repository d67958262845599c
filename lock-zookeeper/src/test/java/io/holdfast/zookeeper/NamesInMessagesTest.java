// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockException;
import io.holdfast.lab.server.Servers;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.util.Collections;
import java.util.UUID;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a name has in it reaches a terminal only escaped. */
class NamesInMessagesTest {
    private static final String NAME = "evil\u001b[31m\nname";

    private final StoreServer server = Servers.shared(StoreKind.ZOOKEEPER_3_9);
    private final String prefix = "messages-" + UUID.randomUUID();

    @Test
    @DisplayName("NA-1, ER-1: no message has a control character of the lock's name")
    void aRefusalShowsTheNameEscapedAndTheStoreOnce() throws Exception {
        LockConfig config = LockConfig.of("zk://" + server.endpoints() + "?tick=500ms&lease=5s")
                .with("prefix", prefix);
        try (Admin admin = new Admin(server.node(1).address());
                LockClient client = LockClient.open(config)) {
            ACL readOnly = new ACL(ZooDefs.Perms.READ, ZooDefs.Ids.ANYONE_ID_UNSAFE);
            admin.zookeeper()
                    .create(
                            new LockPaths("/" + prefix).of(NAME),
                            new byte[0],
                            Collections.singletonList(readOnly),
                            CreateMode.PERSISTENT);
            Throwable refused = Assertions.catchThrowable(() -> client.tryAcquire(NAME));
            assertThat(refused).isInstanceOf(LockException.class);
            for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
                assertThat(String.valueOf(cause.getMessage())).doesNotContain("\u001b", "\n");
            }
            assertThat(refused.getMessage()).contains("evil");
        }
    }
}
