// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.internal.InternalThreadLocalMap;
import java.util.function.Supplier;

/**
 * Work of netty's on a thread that is the caller's. netty leaves a map in it, and with it the class loader that it came by, for as long as
 * the thread lives: in an application server's pool, longer than the application.
 */
final class Borrowed {
    private Borrowed() {}

    static <T> T thread(Supplier<T> work) {
        boolean clean =
                !(Thread.currentThread() instanceof FastThreadLocalThread) && InternalThreadLocalMap.getIfSet() == null;
        try {
            return work.get();
        } finally {
            if (clean) {
                FastThreadLocal.removeAll();
            }
        }
    }
}
