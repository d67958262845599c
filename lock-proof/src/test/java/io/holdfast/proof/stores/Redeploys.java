// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.stores;

import io.holdfast.DistributedLock;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What a container does with an application that is deployed again and again: each time a class loader of its own, on threads of the
 * container that live on. Nothing may keep such a loader, or the container runs out of room. Knows no store: a URL says which.
 */
final class Redeploys {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private Redeploys() {}

    /** The application: loaded by its own loader, and told where its locks are. */
    public static final class Application implements Consumer<String> {
        @Override
        public void accept(String url) {
            try (LockClient client = LockClient.open(url)) {
                DistributedLock lock = client.lock("redeployed");
                lock.lock();
                try {
                    lock.inspect();
                    client.diagnose();
                    client.acquireAsync("inner").toCompletableFuture().join().close();
                } finally {
                    lock.unlock();
                }
                try (LockHandle hold = client.acquire("now")) {
                    if (!hold.isValid()) {
                        throw new AssertionError("not held");
                    }
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            } finally {
                deregisterDrivers();
            }
        }

        /** {@code DriverManager} keeps each driver that was ever loaded; so servers, or applications as they end, do this. */
        private static void deregisterDrivers() {
            ClassLoader own = Application.class.getClassLoader();
            // To tell whether we may see a driver of somebody else's, it loads ours, which is registered by that and
            // not yet among them.
            DriverManager.drivers().forEach(driver -> {});
            List<Driver> drivers = DriverManager.drivers()
                    .filter(driver -> driver.getClass().getClassLoader() == own)
                    .toList();
            try {
                for (Driver driver : drivers) {
                    DriverManager.deregisterDriver(driver);
                }
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
    }

    /**
     * Deploys and undeploys the application, and once more. The last class loader is not counted: the JDK remembers the types of the
     * record that was last compared for the first time, in {@code ObjectMethods}, and so one loader, never two.
     *
     * @param url of the locks
     * @param times how often
     * @return how many of the class loaders stay, though nobody uses them any more
     */
    static long thatStay(String url, int times) throws Exception {
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        ExecutorService container = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i <= times; i++) {
                container.submit(() -> loaders.add(deployed(url))).get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
            }
            loaders.remove(times);
            long start = System.nanoTime();
            while (staying(loaders) > 0 && System.nanoTime() - start < PATIENCE_NANOS) {
                System.gc();
                container.submit(() -> {}).get(); // the thread's last frames may still refer to one
            }
            return staying(loaders);
        } finally {
            container.shutdownNow();
        }
    }

    private static long staying(List<WeakReference<ClassLoader>> loaders) {
        return loaders.stream().filter(loader -> loader.get() != null).count();
    }

    private static WeakReference<ClassLoader> deployed(String url) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        try (URLClassLoader loader = loader()) {
            thread.setContextClassLoader(loader);
            application(loader).accept(url);
            return new WeakReference<>(loader);
        } finally {
            thread.setContextClassLoader(own);
        }
    }

    private static URLClassLoader loader() throws IOException {
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            path.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    @SuppressWarnings("unchecked") // loaded elsewhere, but the interface is the JDK's
    private static Consumer<String> application(ClassLoader loader) throws ReflectiveOperationException {
        return (Consumer<String>) loader.loadClass(Application.class.getName())
                .getDeclaredConstructor()
                .newInstance();
    }
}
