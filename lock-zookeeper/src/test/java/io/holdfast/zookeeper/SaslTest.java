// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockDeniedException;
import io.holdfast.LockHandle;
import io.holdfast.lab.server.Credentials;
import io.holdfast.lab.server.StoreKind;
import io.holdfast.lab.server.StoreServer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.Configuration;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.server.auth.DigestLoginModule;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Users who prove themselves by SASL, with the JAAS section that ZooKeeper's client looks for. */
class SaslTest {
    /** DIGEST-MD5 is refused by ZooKeeper's client as long as this is on, which is the default. */
    private static final String FIPS = "zookeeper.fips-mode";

    private static StoreServer server;
    private static Credentials users;

    @BeforeAll
    static void start() {
        System.setProperty(FIPS, "false");
        server = StoreKind.ZOOKEEPER_3_9.spec().withCredentials().start();
        users = server.credentials();
    }

    @AfterAll
    static void end() {
        System.clearProperty(FIPS);
        server.close();
    }

    /** The JAAS configuration is the whole JVM's. */
    @AfterEach
    void nobodyIsLoggedIn() {
        Configuration.setConfiguration(null);
    }

    private static void logIn(String user, String password) {
        AppConfigurationEntry login = new AppConfigurationEntry(
                DigestLoginModule.class.getName(),
                LoginModuleControlFlag.REQUIRED,
                Map.of("username", user, "password", password));
        Configuration.setConfiguration(new Configuration() {
            @Override
            public AppConfigurationEntry @Nullable [] getAppConfigurationEntry(String section) {
                return section.equals("Client") ? new AppConfigurationEntry[] {login} : null;
            }
        });
    }

    private static void nobodyLogsIn() {
        Configuration.setConfiguration(new Configuration() {
            @Override
            public AppConfigurationEntry @Nullable [] getAppConfigurationEntry(String section) {
                return null;
            }
        });
    }

    private static LockConfig config(String prefix) {
        return LockConfig.of("zk://" + server.endpoints() + "?tick=500ms&lease=20s&acl=creator&connect-timeout=5s")
                .with("prefix", prefix);
    }

    @Test
    void aUserLocksAndItsNodesAreItsOwn() throws Exception {
        logIn(users.user(), users.password());
        try (LockClient one = LockClient.open(config("own"));
                LockClient two = LockClient.open(config("own"));
                Admin admin = new Admin(server.node(1).address()).withUser(users.admin(), users.adminPassword())) {
            LockHandle hold = one.acquire("n");
            assertThat(two.tryAcquire("n")).isEmpty();
            CompletableFuture<LockHandle> waiting = two.acquireAsync("n").toCompletableFuture();
            hold.release();
            waiting.get(20, TimeUnit.SECONDS).release();
            assertThat(admin.zookeeper().getACL("/own/n", new Stat()))
                    .extracting(ACL::getId)
                    .containsExactly(new Id("sasl", users.user()));
        }
    }

    @Test
    void strangersAreDenied() {
        logIn(users.user(), users.password());
        try (LockClient owner = LockClient.open(config("denied"))) {
            assertThat(owner.tryAcquire("n").map(LockHandle::release)).isPresent();
            logIn(users.admin(), users.adminPassword());
            assertThatThrownBy(() -> LockClient.open(config("denied"))).isInstanceOf(LockDeniedException.class);
            nobodyLogsIn();
            assertThatThrownBy(() -> LockClient.open(config("denied"))).isInstanceOf(LockDeniedException.class);
        }
    }

    @Test
    void aWrongPasswordIsDeniedAndNotShown() {
        logIn(users.user(), "not-the-password");
        assertThatThrownBy(() -> LockClient.open(config("wrong")))
                .isInstanceOf(LockDeniedException.class)
                .hasMessageContaining("JAAS")
                .hasMessageNotContaining("not-the-password");
    }
}
