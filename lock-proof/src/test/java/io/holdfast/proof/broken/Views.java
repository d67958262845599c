// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.LockConfig;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.Secret;
import io.holdfast.spi.StoredLock;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** What a backend shows of its store, and does there for administrators, done wrong. */
final class Views {
    private Views() {}

    /** A forced release asks for nobody's token. */
    static LockBackend forceWhateverTheToken(LockBackend sound) {
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
                return super.forceRelease(name, OptionalLong.empty());
            }
        };
    }

    /** A list ends with the first page of the store's answer. */
    static LockBackend listTheFirstPage(LockBackend sound) {
        int page = 10;
        return new BrokenBackend(sound) {
            @Override
            public CompletionStage<List<StoredLock>> list() {
                return super.list()
                        .thenApply(locks -> locks.stream().limit(page).toList());
            }
        };
    }

    /** The address is shown as it was given, with the password. */
    static final class ShowThePassword implements Fault {
        @Override
        public LockBackend on(LockBackend sound) {
            return sound;
        }

        @Override
        public LockBackend open(LockConfig config, Link link) {
            String password =
                    BackendConfig.of(config).password().map(Secret::reveal).orElse("");
            return new BrokenBackend(link.to(Fault.sound(config))) {
                @Override
                public String store() {
                    return super.store() + "?password=" + password;
                }
            };
        }
    }
}
