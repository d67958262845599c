// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.redisson.config.Config;
import org.redisson.config.SingleServerConfig;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A Redisson configuration in YAML, of which locks take what is about threads, connections and TCP: see {@link RedissonFileSettings}.
 *
 * <p>Redisson's own reader makes objects of any class that a file names, which is to run what the file says. Here a file is names and
 * values: what locks do not use is passed over, whatever it is, and the rest is numbers and words. Errors say where and what to write, and
 * never quote a line, which may hold a password.
 */
final class RedissonFile {
    private static final int LARGEST = 64 * 1024;
    private static final String SERVER = "singleServerConfig";
    private static final String DATABASE = "database";

    private final Path file;
    private final Map<String, Node> common;
    private final Map<String, Node> server;

    private RedissonFile(Path file) {
        this.file = file;
        Node root = compose();
        this.common = root == null ? Map.of() : entries(root);
        Node single = common.get(SERVER);
        this.server = single == null ? Map.of() : entries(single);
    }

    static RedissonFile read(String name) {
        try {
            return new RedissonFile(Path.of(name));
        } catch (InvalidPathException e) {
            throw new LockConfigException("setting '" + RedissonSettings.FILE + "' is not a path of this file system");
        }
    }

    /** Checks all names, and sets what locks use. */
    void applyTo(Config config) {
        common.forEach((name, node) -> {
            if (!name.equals(SERVER)) {
                set(RedissonFileSettings.COMMON, RedissonFileSettings.COMMON_LEFT_OUT, name, node, config);
            }
        });
        SingleServerConfig single = config.useSingleServer();
        server.forEach((name, node) -> {
            if (!name.equals(DATABASE)) {
                set(RedissonFileSettings.SERVER, RedissonFileSettings.SERVER_LEFT_OUT, name, node, single);
            }
        });
    }

    /** The database it names, other than 0. */
    OptionalInt database() {
        Node node = server.get(DATABASE);
        int number = node == null ? 0 : new RedissonFileValue(this, DATABASE, node).number(0, Integer.MAX_VALUE);
        return number == 0 ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /** Two sources that say different things: neither is guessed to be meant. */
    LockConfigException contradictsAddress(int database) {
        return wrong(
                server.get(DATABASE),
                "'" + DATABASE + "' is not that of the URL, which names none and so means 0; write"
                        + " the database at the end of the URL, such as redis://localhost:6379/" + database);
    }

    private <C> void set(
            Map<String, RedissonFileSettings.Setter<C>> known, Set<String> leftOut, String name, Node node, C target) {
        RedissonFileSettings.Setter<C> setter = known.get(name);
        if (setter != null) {
            if (!node.getTag().equals(Tag.NULL)) {
                setter.set(target, new RedissonFileValue(this, name, node));
            }
            return;
        }
        String instead = RedissonFileSettings.INSTEAD.get(name);
        if (instead != null) {
            if (!node.getTag().equals(Tag.NULL)) {
                throw wrong(node, "'" + name + "' is not taken from this file; " + instead);
            }
            return;
        }
        if (!leftOut.contains(name)) {
            Set<String> all = new TreeSet<>(known.keySet());
            all.addAll(leftOut);
            throw wrong(
                    node,
                    "'" + name + "' is no setting of Redisson's here; the nearest is '" + nearest(name, all) + "'");
        }
    }

    /** The one that begins and ends like it for longest. */
    private static String nearest(String name, Collection<String> all) {
        return all.stream()
                .max(Comparator.comparingInt(known -> {
                    int start = 0;
                    int least = Math.min(name.length(), known.length());
                    while (start < least && name.charAt(start) == known.charAt(start)) {
                        start++;
                    }
                    int end = 0;
                    while (end < least - start
                            && name.charAt(name.length() - 1 - end) == known.charAt(known.length() - 1 - end)) {
                        end++;
                    }
                    return 2 * (start + end) - known.length();
                }))
                .orElseThrow();
    }

    private @Nullable Node compose() {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(LARGEST);
        options.setTagInspector(tag -> true); // a name, of which nothing is made here
        try {
            return new Yaml(options).compose(new StringReader(text()));
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            boolean tab = e.getProblem() != null && e.getProblem().contains("TAB");
            throw at(line, tab ? "a tab stands there; YAML indents by blanks" : "it is not YAML");
        } catch (YAMLException e) {
            throw at(1, "it is not YAML");
        }
    }

    private String text() {
        if (!Files.isRegularFile(file)) {
            throw unreadable(Files.exists(file) ? "is no regular file" : "does not exist");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw unreadable("is larger than 64 KiB");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw unreadable("cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    private Map<String, Node> entries(Node node) {
        if (node.getTag().equals(Tag.NULL)) {
            return Map.of();
        }
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(node, "lines of the form 'name: value' are expected there");
        }
        Map<String, Node> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String name = tuple.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
            if (!name.matches("[A-Za-z][A-Za-z0-9_-]{0,60}")) {
                throw wrong(tuple.getKeyNode(), "the name of a setting is expected there");
            }
            if (entries.put(name, tuple.getValueNode()) != null) {
                throw wrong(tuple.getKeyNode(), "'" + name + "' is there twice");
            }
        }
        return entries;
    }

    LockConfigException wrong(@Nullable Node node, String what) {
        return at(node == null ? 1 : node.getStartMark().getLine() + 1, what);
    }

    private LockConfigException at(int line, String what) {
        return new LockConfigException("setting '" + RedissonSettings.FILE + "': " + StoreWords.shown(file.toString())
                + ", line " + line + ": " + what);
    }

    private LockConfigException unreadable(String why) {
        return new LockConfigException("setting '" + RedissonSettings.FILE + "' names "
                + StoreWords.shown(file.toString()) + ", which " + why);
    }
}
