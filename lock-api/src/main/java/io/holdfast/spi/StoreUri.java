// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.internal.config.Percent;
import io.holdfast.internal.config.SecretKeys;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A store's address: {@code scheme://user:password@host:port,host:port/path?key=value&key=value}, or without hosts {@code
 * scheme:path?key=value}. Immutable.
 *
 * <p>{@link java.net.URI} refuses the list of hosts that a cluster needs. User, password, path and query are percent-decoded as
 * UTF-8; {@code +} and {@code ~} stand for themselves. Spaces, control characters, {@code #} and malformed escapes are refused.
 * {@link #toString()} shows neither user-info nor secret query values.
 */
public final class StoreUri {
    /** A name and its value behind a semicolon or an ampersand. */
    private static final Pattern PARAMETER = Pattern.compile("[;&]([^;&=]*)=([^;&]*)");

    private final String scheme;
    private final boolean authority;
    private final @Nullable String user;
    private final @Nullable Secret password;
    private final List<Host> hosts;
    private final String path;
    private final Map<String, String> query;

    StoreUri(StoreUriParser parsed) {
        this.scheme = parsed.scheme;
        this.authority = parsed.authority;
        this.user = parsed.user;
        this.password = parsed.password;
        this.hosts = List.copyOf(parsed.hosts);
        this.path = parsed.path;
        this.query = Collections.unmodifiableMap(parsed.query);
    }

    /**
     * Reads an address.
     *
     * @param uri the text, such as {@code redis://a:6379,b:6379/0?lease=10s}, {@code memory:test} or {@code file:///var/lock}
     * @return its parts
     * @throws io.holdfast.LockConfigException when it is malformed; the message shows no password
     */
    public static StoreUri parse(String uri) {
        return new StoreUri(new StoreUriParser(Objects.requireNonNull(uri, "uri")));
    }

    /**
     * The scheme.
     *
     * @return in lower case, without the colon
     */
    public String scheme() {
        return scheme;
    }

    /**
     * The user name of the user-info.
     *
     * @return decoded; empty when there is none or it has no characters
     */
    public Optional<String> user() {
        return Optional.ofNullable(user);
    }

    /**
     * The password of the user-info.
     *
     * @return decoded; empty when there is none or it has no characters
     */
    public Optional<Secret> password() {
        return Optional.ofNullable(password);
    }

    /**
     * The hosts, in the order given.
     *
     * @return empty for the forms without hosts, {@code file:///dir} included
     */
    public List<Host> hosts() {
        return hosts;
    }

    /**
     * What follows the hosts, or the scheme when there are none: {@code /0} of {@code redis://h/0}, {@code test} of {@code
     * memory:test}, {@code /var/lock} of {@code file:///var/lock} and {@code file:/var/lock}, {@code rel/dir} of {@code
     * file:rel/dir}.
     *
     * @return decoded; the empty string when there is none
     */
    public String path() {
        return path;
    }

    /**
     * The settings after the question mark.
     *
     * @return decoded, in the order given; unmodifiable
     */
    public Map<String, String> query() {
        return query;
    }

    /**
     * Whether the text of the address has a secret, such as a password or a secret query value, which {@link #redacted()} hides.
     *
     * @return true when whoever saw the text knows a secret, so that it should not have been on a command line
     */
    public boolean hasSecrets() {
        return password != null
                || hasLostUserInfo()
                || !shownPath().equals(path)
                || query.keySet().stream().anyMatch(SecretKeys::isSecret);
    }

    /**
     * The address for people and logs.
     *
     * @return {@code ***} for user-info and secret query values, the rest encoded so that it is one word
     */
    public String redacted() {
        StringBuilder out = new StringBuilder(scheme).append(':');
        if (authority) {
            out.append("//").append(user != null || password != null ? "***@" : "");
            out.append(hosts.stream().map(Host::toString).collect(Collectors.joining(",")));
            // A path behind an authority begins with a slash, so a second one cannot be taken for an authority's.
            out.append(Percent.encode(shownPath(), hosts.isEmpty() ? "?" : "?@"));
        } else {
            out.append(encodePath(shownPath()));
        }
        String separator = "?";
        for (Map.Entry<String, String> setting : query.entrySet()) {
            String value = SecretKeys.isSecret(setting.getKey()) ? "***" : Percent.encode(setting.getValue(), "&");
            out.append(separator)
                    .append(Percent.encode(setting.getKey(), "&="))
                    .append('=')
                    .append(value);
            separator = "&";
        }
        return out.toString();
    }

    /**
     * Who leaves out the two slashes, or writes three, has the user-info in the path: {@code redis:app:secret@host}. A path of
     * these two schemes has no user-info before it, and may have such a character.
     */
    private boolean hasLostUserInfo() {
        return hosts.isEmpty() && path.indexOf('@') >= 0 && !hasPathOfItsOwn();
    }

    /** Whose path is nothing but a path, whatever characters it has. */
    private boolean hasPathOfItsOwn() {
        return scheme.equals("file") || scheme.equals("memory");
    }

    /** A driver's own parameters stand in what is the path to us: {@code jdbc:h2:tcp://host/name;PASSWORD=secret}. */
    private String shownPath() {
        if (hasPathOfItsOwn()) {
            return path;
        }
        String shown =
                hasLostUserInfo() ? (authority ? "/" : "") + "***" + path.substring(path.lastIndexOf('@')) : path;
        return PARAMETER
                .matcher(shown)
                .replaceAll(found -> SecretKeys.isSecret(found.group(1))
                        ? Matcher.quoteReplacement(found.group().substring(0, found.start(2) - found.start()) + "***")
                        : Matcher.quoteReplacement(found.group()));
    }

    /**
     * The same as {@link #redacted()}.
     *
     * @return the address without secrets
     */
    @Override
    public String toString() {
        return redacted();
    }

    /**
     * Whether both addresses have the same parts, secrets included.
     *
     * @param other anything
     * @return true when it is such an address
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StoreUri that && parts().equals(that.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    private List<Object> parts() {
        return List.of(scheme, authority, user(), password(), hosts, path, query);
    }

    /**
     * Encodes a text for use as path of an address without hosts, such as a directory's name; slashes stay.
     *
     * @param path any well-formed text
     * @return {@code path} with percent signs, question marks, spaces, control characters and the like escaped
     */
    public static String encodePath(String path) {
        // "file:" + "//x" would read as an authority.
        return path.startsWith("//") ? "/%2F" + Percent.encode(path.substring(2), "?") : Percent.encode(path, "?");
    }

    /**
     * One host of an address.
     *
     * @param name a host name, an IPv4 address, or an IPv6 address without its brackets
     * @param port 1 to 65535, or empty for the store's usual one
     */
    public record Host(String name, OptionalInt port) {
        /**
         * Checks for null only.
         *
         * @param name host name or address
         * @param port or empty
         */
        public Host {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(port, "port");
        }

        /**
         * The port, or the store's usual one.
         *
         * @param usual the port when the address names none
         * @return the port to connect to
         */
        public int portOr(int usual) {
            return port.orElse(usual);
        }

        /**
         * Name and port as in an address.
         *
         * @return such as {@code h:1}, {@code h} or {@code [::1]:1}
         */
        @Override
        public String toString() {
            String shown = name.indexOf(':') < 0 ? name : "[" + name + "]";
            return port.isPresent() ? shown + ":" + port.getAsInt() : shown;
        }
    }
}
