// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.spi.LockBackendProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What code a run was made of: the SHA-256 of jars. */
final class Jars {
    private Jars() {}

    /** The jars that classes came from, by file name; a class from a folder has none. */
    static Map<String, String> of(Iterable<Class<?>> types) throws IOException {
        Set<Path> files = new LinkedHashSet<>();
        for (Class<?> type : types) {
            Path file = file(type);
            if (file != null) {
                files.add(file);
            }
        }
        Map<String, String> found = new TreeMap<>();
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            // Two of one name are both told.
            found.put(found.containsKey(name) ? file.toString() : name, sha256(Files.newInputStream(file)));
        }
        return found;
    }

    /** The provider of a scheme, whose jar a backend's own class need not be of: tables are the engine's. */
    static Set<Class<?>> providers(String scheme) {
        Set<Class<?>> found = new LinkedHashSet<>();
        for (LockBackendProvider provider : Providers.all()) {
            if (provider.schemes().contains(scheme)) {
                found.add(provider.getClass());
            }
        }
        return found;
    }

    private static @Nullable Path file(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            if (source == null || source.getLocation() == null) {
                return null;
            }
            Path path = Path.of(source.getLocation().toURI());
            return Files.isRegularFile(path) ? path : null;
        } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
            return null; // a jar within a jar, or from elsewhere than a file system
        }
    }

    static String sha256(InputStream content) throws IOException {
        try (DigestInputStream in = new DigestInputStream(content, MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
