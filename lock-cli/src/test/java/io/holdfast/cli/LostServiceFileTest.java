// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockClient;
import io.holdfast.spi.LockBackendProvider;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A program whose jars were packed into one that kept the service file of another of them. */
class LostServiceFileTest {
    private static final String SERVICES = "META-INF/services/" + LockBackendProvider.class.getName();

    @Test
    @DisplayName("CF-4: a service file that was overwritten is told from a jar that is missing")
    void anOverwrittenServiceFile() throws Exception {
        try (Packed packed = new Packed()) {
            Class<?> client = packed.loadClass(LockClient.class.getName());
            assertThatThrownBy(() -> client.getMethod("open", String.class).invoke(null, "file:x"))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .hasMessageContainingAll(SERVICES, "ServicesResourceTransformer", "mergeServiceFiles()")
                    .hasMessageNotContaining("put io.holdfast");
        }
        assertThat(LockClient.class.getClassLoader()).isNotNull();
    }

    @Test
    @DisplayName("CF-4: what is in the API itself needs no service file")
    void memoryIsNotLostWithThem() throws Exception {
        try (Packed packed = new Packed()) {
            Class<?> client = packed.loadClass(LockClient.class.getName());
            try (AutoCloseable open =
                    (AutoCloseable) client.getMethod("open", String.class).invoke(null, "memory:packed")) {
                assertThat(open.toString()).contains("memory:packed");
            }
        }
    }

    /** The class path of this test, without the service files of Holdfast. */
    private static final class Packed extends URLClassLoader {
        Packed() throws MalformedURLException {
            super(classPath(), ClassLoader.getPlatformClassLoader());
        }

        private static URL[] classPath() throws MalformedURLException {
            List<URL> entries = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                entries.add(Path.of(entry).toUri().toURL());
            }
            return entries.toArray(URL[]::new);
        }

        @Override
        public Enumeration<URL> findResources(String name) throws java.io.IOException {
            return name.equals(SERVICES) ? Collections.emptyEnumeration() : super.findResources(name);
        }
    }
}
