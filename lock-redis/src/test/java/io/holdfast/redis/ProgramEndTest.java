// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.tck.process.JavaProcess;
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
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What ends without closing, and what is closed and must leave nothing. */
class ProgramEndTest {
    private final String url = "redis://" + Servers.shared(StoreKind.REDIS_7).endpoints() + "?prefix=end-"
            + UUID.randomUUID() + "&token-retention=0s";

    @Test
    @DisplayName("CL-5: a program that throws without closing ends, and its lock passes on")
    void programWithoutClose() throws Exception {
        try (JavaProcess program = JavaProcess.start(EndingMain.class, Duration.ofSeconds(60), List.of(url));
                LockClient other = LockClient.open(LockConfig.of(url).withLease(Duration.ofSeconds(4)))) {
            program.answer("holds");
            program.answer("(the process has ended)");
            // A lease, a poll interval, and time for a machine that has other work.
            other.acquire("n", Duration.ofSeconds(15)).release();
        }
    }

    @Test
    @DisplayName("CL-6: an application that was undeployed leaves no class loader")
    void redeploy() throws Exception {
        List<WeakReference<ClassLoader>> gone = new ArrayList<>();
        // Not on a thread of JUnit's pool: one that it adds while the application waits inherits the application's
        // rights, and keeps it.
        ExecutorService container = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < 3; i++) {
                gone.add(container.submit(this::deployAndUndeploy).get());
            }
        } finally {
            container.shutdown();
        }
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            System.gc();
            assertThat(gone).allMatch(loader -> loader.refersTo(null));
        });
    }

    /** In the calling thread, as a container does, and with the application's class loader as its own meanwhile. */
    private WeakReference<ClassLoader> deployAndUndeploy() throws Exception {
        Thread container = Thread.currentThread();
        ClassLoader usual = container.getContextClassLoader();
        try (URLClassLoader application = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            container.setContextClassLoader(application);
            application
                    .loadClass(RedeployMain.class.getName())
                    .getMethod("use", String.class)
                    .invoke(null, url);
            return new WeakReference<>(application);
        } finally {
            container.setContextClassLoader(usual);
        }
    }

    private static URL[] classPath() throws MalformedURLException {
        List<URL> all = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            all.add(Path.of(entry).toUri().toURL());
        }
        return all.toArray(URL[]::new);
    }
}
