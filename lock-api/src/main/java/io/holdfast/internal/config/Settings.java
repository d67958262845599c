// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.LockConfigException;
import io.holdfast.LockNames;
import io.holdfast.spi.Secret;
import io.holdfast.spi.StoreUri;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All sources of one client in their order (rule CF-1); immutable.
 *
 * <p>Strength falls from what the program set, through the URL's query and user-info, to the environment. There, what is said for
 * the client by its name is stronger than what is said for all clients, whichever source says it.
 */
public final class Settings {
    /** Far above every password and token; far below what would make a file of something else worth sending. */
    private static final int PASSWORD_LIMIT = 1 << 14;

    private static final Pattern CLIENT_NAME = Pattern.compile("[a-z][a-z0-9-]*");

    private final @Nullable String client;
    private final Map<String, String> program;
    private final List<Layer> environment;

    /** Found once, at the first look: a store may want the password for each request. */
    private volatile @Nullable PasswordPlace passwordPlace;

    /** Where the password is; at most one of both. What a file holds is read again each time. */
    private record PasswordPlace(Optional<Setting> given, Optional<Setting> file) {}

    private Settings(@Nullable String client, Map<String, String> program, List<Layer> environment) {
        this.client = client;
        this.program = program;
        this.environment = environment;
    }

    /** What the environment says to a client of that name, or to one without a name. */
    public static Settings load(@Nullable String client, ConfigSources sources) {
        if (client != null && !CLIENT_NAME.matcher(client).matches()) {
            throw new LockConfigException("client name '" + LockNames.printable(client)
                    + "' must have lower-case letters, digits and hyphens only, a letter first");
        }
        if (client != null && Layer.isOthers(client)) {
            throw new LockConfigException(
                    "client name '" + client + "' is kept for properties of Holdfast's own tests; choose another name");
        }
        return new Settings(client, Map.of(), sources.layers());
    }

    /** No settings but those that the program will add. */
    public static Settings none() {
        return new Settings(null, Map.of(), List.of());
    }

    /** A copy with one more setting of the program's; a common one is checked at once. */
    public Settings with(String key, String value) {
        Map<String, String> more = new TreeMap<>(program);
        more.put(key, value);
        // This value alone: a malformed one of the environment may yet be overruled.
        Source.program(more).find(key).ifPresent(Settings::checked);
        return new Settings(client, Map.copyOf(more), environment);
    }

    private static void checked(Setting setting) {
        CommonKey.of(setting.key()).ifPresent(key -> key.checked(setting));
        if (setting.key().equals(CommonKey.URL.key())) {
            StoreUri.parse(setting.text());
        }
    }

    /** The strongest value of a common key or its default, checked. */
    public Optional<Setting> common(CommonKey key) {
        return find(key.key()).or(key::usual).map(key::checked);
    }

    /** The same for a key that has a default or was set. */
    public Setting require(CommonKey key) {
        return common(key)
                .orElseThrow(() -> new LockConfigException("setting '" + key.key() + "' is missing; set it in the"
                        + " program, as system property holdfast." + key.key() + " or as environment variable HOLDFAST_"
                        + Layer.variable(key.key())));
    }

    /** The strongest value of any key; no default, no check. */
    public Optional<Setting> find(String key) {
        return sources(key).stream()
                .map(source -> source.find(key))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** The address, if any source has one. */
    public Optional<StoreUri> uri() {
        return common(CommonKey.URL).map(Settings::parsed);
    }

    /** Which of the sources a malformed address comes from is half of what is wrong with it. */
    private static StoreUri parsed(Setting url) {
        try {
            return StoreUri.parse(url.text());
        } catch (LockConfigException malformed) {
            if (url.source().equals(Source.PROGRAM)) {
                throw malformed;
            }
            throw url.wrong(String.valueOf(malformed.getMessage()));
        }
    }

    /**
     * The password, given as such or by a file.
     *
     * @throws LockConfigException when one source gives both: which is meant is not guessed. Of two sources the stronger counts
     */
    public Optional<Secret> password() {
        PasswordPlace place = passwordPlace();
        return place.given()
                .map(Setting::text)
                .or(() -> place.file().map(Settings::content))
                .map(Secret::of);
    }

    /**
     * What others of the host may do to the file that the password is from.
     *
     * @return empty when they may do nothing, and when no file is used
     */
    public Optional<String> openPasswordFile() {
        return passwordPlace().file().flatMap(OpenFiles::seen);
    }

    private PasswordPlace passwordPlace() {
        PasswordPlace known = passwordPlace;
        if (known == null) {
            known = foundPasswordPlace();
            passwordPlace = known;
        }
        return known;
    }

    private PasswordPlace foundPasswordPlace() {
        for (Source source : sources(CommonKey.PASSWORD.key())) {
            Optional<Setting> given = source.find(CommonKey.PASSWORD.key()).map(CommonKey.PASSWORD::checked);
            Optional<Setting> file = source.find(CommonKey.PASSWORD_FILE.key()).map(CommonKey.PASSWORD_FILE::checked);
            if (given.isPresent() && file.isPresent()) {
                throw file.get().wrong("contradicts the password of the same source; give one of the two");
            }
            if (given.isPresent() || file.isPresent()) {
                return new PasswordPlace(given, file);
            }
        }
        return new PasswordPlace(Optional.empty(), Optional.empty());
    }

    /** Editors end a file with a line end, which is no part of the password. */
    private static String content(Setting file) {
        String what =
                "setting '" + file.key() + "' (" + file.source() + "): '" + LockNames.printable(file.text()) + "'";
        String text = TextFiles.read(file.text(), what, PASSWORD_LIMIT).replaceFirst("\r?\n\\z", "");
        if (text.isEmpty()) {
            throw file.wrong("holds no password");
        }
        if (text.indexOf('\n') >= 0) {
            throw file.wrong("has more than one line; it holds the password alone");
        }
        StrayCharacters.refuse(new Setting(CommonKey.PASSWORD.key(), text, what));
        OpenFiles.warnOf(file);
        return text;
    }

    /** Strongest first. The URL itself cannot come from its own query. */
    private List<Source> sources(String key) {
        List<Source> sources = new ArrayList<>();
        sources.add(Source.program(program));
        if (!key.equals(CommonKey.URL.key())) {
            uri().map(Source::uri).ifPresent(sources::add);
        }
        if (client != null) {
            environment.forEach(layer -> sources.add(k -> layer.find(client, k)));
        }
        environment.forEach(layer -> sources.add(k -> layer.find(null, k)));
        return sources;
    }

    @Nullable
    String client() {
        return client;
    }

    Set<String> programKeys() {
        return program.keySet();
    }

    List<Layer> environment() {
        return environment;
    }

    /** Every setting that is not a default, with its source and without secrets. */
    @Override
    public String toString() {
        Set<String> keys = new TreeSet<>(CommonKey.keys());
        keys.addAll(program.keySet());
        String shown;
        try {
            uri().ifPresent(uri -> keys.addAll(uri.query().keySet()));
            shown = keys.stream()
                    .flatMap(key -> find(key).stream())
                    .map(Settings::shown)
                    .collect(Collectors.joining(", "));
        } catch (LockConfigException malformed) {
            // Whoever opens a client with it is told; a toString must not throw.
            shown = malformed.getMessage();
        }
        return Stream.of(client == null ? "" : "client " + client, shown)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(", "));
    }

    private static String shown(Setting setting) {
        boolean secret = SecretKeys.isSecret(setting.key()) || setting.source().equals(Setting.USER_INFO);
        String text = setting.key().equals(CommonKey.URL.key())
                ? StoreUri.parse(setting.text()).redacted()
                : LockNames.printable(setting.text());
        return setting.key() + "=" + (secret ? "***" : text) + " (" + setting.source() + ")";
    }
}
