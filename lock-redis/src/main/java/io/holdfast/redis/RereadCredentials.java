// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Secret;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.redisson.config.Credentials;
import org.redisson.config.CredentialsResolver;

/**
 * User and password, read anew for each connection: a password that is changed in the store and in the file {@code password-file} names
 * ends no lock of a running client. Thread-safe.
 */
final class RereadCredentials implements CredentialsResolver {
    private static final Logger LOG = System.getLogger("io.holdfast.redis");

    private final BackendConfig config;
    private volatile Optional<Secret> last;

    RereadCredentials(BackendConfig config) {
        this.config = config;
        this.last = config.password();
    }

    @Override
    public CompletionStage<Credentials> resolve(InetSocketAddress address) {
        try {
            last = config.password();
        } catch (LockConfigException e) {
            // The file is being exchanged, perhaps: the last one may still be right, and the server says so if not.
            LOG.log(Level.WARNING, "the password could not be read again, and the last one is used: " + e.getMessage());
        }
        return CompletableFuture.completedFuture(last.map(Secret::reveal)
                .map(password -> new Credentials(config.user().orElse(null), password))
                .orElseGet(Credentials::new));
    }
}
