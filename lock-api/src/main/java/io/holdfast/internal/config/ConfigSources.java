// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.LockConfigException;
import io.holdfast.LockNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URL;
import java.net.URLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the environment of a program is read from; injected so that tests bring their own.
 *
 * @param properties system properties
 * @param environment environment variables
 * @param classPathFile {@code holdfast.properties} on the class path, or null
 */
public record ConfigSources(
        Map<String, String> properties, Map<String, String> environment, @Nullable URL classPathFile) {
    private static final String FILE_NAME = "holdfast.properties";

    /** The ones of this process, now. */
    public static ConfigSources system() {
        Map<String, String> properties = new TreeMap<>();
        Properties all = System.getProperties();
        for (String name : all.stringPropertyNames()) {
            // Between the listing and this another thread may have removed it.
            Optional.ofNullable(all.getProperty(name)).ifPresent(value -> properties.put(name, value));
        }
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        URL file = context == null ? null : context.getResource(FILE_NAME);
        return new ConfigSources(
                properties, System.getenv(), file != null ? file : ConfigSources.class.getResource("/" + FILE_NAME));
    }

    /** What the sources say now, strongest first. */
    List<Layer> layers() {
        List<Layer> layers = new ArrayList<>();
        layers.add(Layer.ofProperties(properties));
        layers.add(Layer.ofEnvironment(environment));
        String property = properties.getOrDefault("holdfast.config", "");
        String named = property.isEmpty() ? environment.getOrDefault("HOLDFAST_CONFIG", "") : property;
        if (!named.isEmpty()) {
            String namedBy =
                    property.isEmpty() ? "environment variable HOLDFAST_CONFIG" : "system property holdfast.config";
            String shown = "file " + LockNames.printable(named);
            layers.add(layer(shown, TextFiles.read(named, "the settings " + shown + " (" + namedBy + ")")));
        }
        if (classPathFile != null) {
            layers.add(layer(FILE_NAME + " of the class path (" + classPathFile + ")", read(classPathFile)));
        }
        return List.copyOf(layers);
    }

    private static String read(URL resource) {
        try {
            URLConnection connection = resource.openConnection();
            // A cached jar would stay open after its class loader, and show an old file after a redeployment.
            connection.setUseCaches(false);
            try (InputStream in = connection.getInputStream()) {
                return TextFiles.text(in);
            }
        } catch (IOException failure) {
            throw TextFiles.unreadable(FILE_NAME + " of the class path (" + resource + ")", failure);
        }
    }

    private static Layer layer(String name, String text) {
        Properties lines = new Properties();
        try {
            lines.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException malformed) {
            throw new LockConfigException(name + " has a malformed \\u escape", malformed);
        }
        Map<String, String> settings = new TreeMap<>();
        for (String key : lines.stringPropertyNames()) {
            if (!key.startsWith("holdfast.")) {
                throw new LockConfigException(name + ": every key begins with 'holdfast.', as in holdfast.lease; '"
                        + LockNames.printable(key) + "' does not");
            }
            settings.put(key, lines.getProperty(key, ""));
        }
        return Layer.ofFile(name, settings);
    }
}
