// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.local.FileBackendProvider;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.StoreUri;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The store that the command line, the environment or the default names. */
final class ConfiguredStores implements Stores {
    private static final String CONFIG_PROPERTY = "holdfast.config";

    @Override
    public LockClient open(StoreOptions options, Report report) {
        return open(named(options, report));
    }

    private static LockClient open(LockConfig named) {
        if (named.uri().isPresent()) {
            return LockClient.open(named);
        }
        DefaultStore.make();
        return LockClient.open(named.withUrl(DefaultStore.url()));
    }

    @Override
    public Optional<LockClient> openToAsk(StoreOptions options, Report report) {
        LockConfig named = named(options, report);
        return isUnused(named) ? Optional.empty() : Optional.of(open(named));
    }

    /** A directory that somebody named and that is not there is an error; that of the default is made by the first lock. */
    private static boolean isUnused(LockConfig named) {
        if (named.uri().isEmpty()) {
            named.withUrl(DefaultStore.url()).check();
            return !DefaultStore.isThere();
        }
        if (!named.uri().filter(uri -> uri.scheme().equals("file")).isPresent()) {
            return false;
        }
        named.check();
        return new FileBackendProvider().isUnused(BackendConfig.of(named));
    }

    @Override
    public LockConfig config(StoreOptions options, Report report) {
        LockConfig config = named(options, report);
        return config.uri().isEmpty() ? config.withUrl(DefaultStore.url()) : config;
    }

    private static LockConfig named(StoreOptions options, Report report) {
        if (options.classPath != null) {
            Thread.currentThread().setContextClassLoader(loader(options.classPath));
        }
        LockConfig config = load(options.config);
        if (options.url != null) {
            warnOfSecret(options.url, report);
            config = config.withUrl(options.url);
        }
        if (options.lease != null) {
            config = config.withLease(options.lease);
        }
        return config;
    }

    /** A backend of the user's own is found by the thread's class loader. */
    private static ClassLoader loader(String classPath) {
        List<URL> jars = new ArrayList<>();
        for (String part : classPath.split(File.pathSeparator, -1)) {
            try {
                Path jar = Path.of(part);
                if (part.isEmpty() || !Files.isReadable(jar)) {
                    throw new ToolException(ExitCode.USAGE, "--class-path: cannot read '" + part + "'");
                }
                jars.add(jar.toUri().toURL());
            } catch (InvalidPathException | MalformedURLException e) {
                throw new ToolException(ExitCode.USAGE, "--class-path: '" + part + "' is no path", e);
            }
        }
        return new URLClassLoader(jars.toArray(URL[]::new), ConfiguredStores.class.getClassLoader());
    }

    /** The settings of a file named on the command line stand where those of {@code HOLDFAST_CONFIG} would. */
    private static LockConfig load(@Nullable String file) {
        if (file == null) {
            return LockConfig.load();
        }
        String before = System.getProperty(CONFIG_PROPERTY);
        System.setProperty(CONFIG_PROPERTY, file);
        try {
            return LockConfig.load();
        } finally {
            if (before == null) {
                System.clearProperty(CONFIG_PROPERTY);
            } else {
                System.setProperty(CONFIG_PROPERTY, before);
            }
        }
    }

    private static void warnOfSecret(String url, Report report) {
        if (StoreUri.parse(url).hasSecrets()) {
            report.say(
                    Report.Weight.NOTICE,
                    "warning",
                    "the password in --url is visible in ps to everybody on this host; use the setting password-file,"
                            + " or HOLDFAST_PASSWORD in the environment",
                    new Json());
        }
    }
}
