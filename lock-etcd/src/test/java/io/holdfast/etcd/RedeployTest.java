// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.awaitility.Awaitility.await;

import io.holdfast.tck.server.Servers;
import io.holdfast.tck.server.StoreKind;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** An application with class loaders of its own, in a thread that outlives it: as in an application server. */
class RedeployTest {
    @Test
    @DisplayName("CL-3, CL-6: nothing of the application stays in the server's threads")
    void noClassLoaderStaysWhenItsClientIsClosed() throws Exception {
        String url = "etcd://" + Servers.shared(StoreKind.ETCD_3_5).node(1).endpoint() + "?prefix=redeploy";
        ExecutorService container = Executors.newSingleThreadExecutor();
        try {
            List<WeakReference<ClassLoader>> applications = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                applications.add(container.submit(() -> deploy(url)).get(60, TimeUnit.SECONDS));
            }
            // gRPC ends the threads that its channels share a second after the last of them.
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                System.gc();
                return applications.stream().allMatch(application -> application.get() == null);
            });
        } finally {
            container.shutdown();
        }
    }

    /** Takes a lock and closes the client, by classes that only this call knows. */
    private static WeakReference<ClassLoader> deploy(String url) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        URLClassLoader application = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
        thread.setContextClassLoader(application);
        try {
            Class<?> type = application.loadClass("io.holdfast.LockClient");
            Object client = type.getMethod("open", String.class).invoke(null, url);
            type.getMethod("acquire", String.class).invoke(client, "n");
            type.getMethod("close").invoke(client);
        } finally {
            thread.setContextClassLoader(before);
        }
        return new WeakReference<>(application);
    }

    private static URL[] classPath() throws MalformedURLException {
        List<URL> all = new ArrayList<>();
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            all.add(Path.of(part).toUri().toURL());
        }
        return all.toArray(URL[]::new);
    }
}
