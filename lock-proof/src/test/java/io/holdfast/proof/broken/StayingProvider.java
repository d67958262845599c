// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.LockConfig;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** A backend with a thread that is no daemon: a program that has one, and throws, does not end (rule CL-5). */
public final class StayingProvider implements LockBackendProvider {
    static final String URL = "staying:broken";

    @Override
    public Set<String> schemes() {
        return Set.of("staying");
    }

    @Override
    public LockBackend open(BackendConfig config) {
        CountDownLatch closed = new CountDownLatch(1);
        Thread thread = new Thread(
                () -> {
                    try {
                        closed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "tck-broken");
        thread.setDaemon(false);
        thread.start();
        return new BrokenBackend(Fault.sound(LockConfig.of("memory:staying"))) {
            @Override
            public void close() {
                super.close();
                closed.countDown();
            }
        };
    }
}
