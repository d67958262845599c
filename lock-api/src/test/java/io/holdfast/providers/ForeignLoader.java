// SPDX-License-Identifier: Apache-2.0
package io.holdfast.providers;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A class path as a stranger's jar would be: the providers' own copies of their classes, and a service file. */
public final class ForeignLoader extends URLClassLoader {
    private ForeignLoader(URL folder) {
        super(new URL[] {folder}, ForeignLoader.class.getClassLoader());
        // The copies are in the loader's unnamed module, and talk to the test by this package.
        Module module = ForeignLoader.class.getModule();
        module.addExports(ForeignLoader.class.getPackageName(), getUnnamedModule());
    }

    /** Makes a class path in a folder; what is no class here goes into the service file as it is. */
    public static ForeignLoader of(Path folder, Object... entries) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        List<String> names = Stream.of(entries)
                .map(entry -> entry instanceof Class<?> type ? type.getName() : entry.toString())
                .toList();
        Files.write(services.resolve("io.holdfast.spi.LockBackendProvider"), names);
        for (Object entry : entries) {
            if (entry instanceof Class<?> type) {
                copy(type, folder);
            }
        }
        return new ForeignLoader(url(folder));
    }

    private static void copy(Class<?> type, Path folder) throws IOException {
        String file = type.getName().replace('.', '/') + ".class";
        Path copy = folder.resolve(file);
        Files.createDirectories(copy.getParent());
        try (InputStream in = ForeignLoader.class.getResourceAsStream("/" + file)) {
            Files.write(copy, in.readAllBytes());
        }
    }

    private static URL url(Path folder) throws MalformedURLException {
        return folder.toUri().toURL();
    }

    /** Own copies of the providers first, as containers do; all else from the parent. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            if (name.startsWith(StubProviders.class.getName() + "$") && findLoadedClass(name) == null) {
                return findClass(name);
            }
            return super.loadClass(name, resolve);
        }
    }
}
