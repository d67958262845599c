// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.LockConfigException;
import io.holdfast.internal.config.Percent;
import io.holdfast.spi.StoreUri.Host;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes an address apart. No message quotes what follows the scheme: a password with a {@code /}, {@code ?} or {@code &} that was
 * not escaped can end up in any part, so parts are named by kind and number.
 */
final class StoreUriParser {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");
    private static final Pattern LIKE_A_HOST = Pattern.compile("(?:[0-9.]+|\\[[0-9a-fA-F:]+])(?::[0-9]+)?(?:[,/].*)?");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,252}");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    final String scheme;
    final boolean authority;

    @Nullable
    String user;

    @Nullable
    Secret password;

    final List<Host> hosts = new ArrayList<>();
    final String path;
    final Map<String, String> query = new LinkedHashMap<>();

    StoreUriParser(String text) {
        int colon = text.indexOf(':');
        if (colon < 0 || !SCHEME.matcher(text.substring(0, colon)).matches()) {
            throw new LockConfigException("a store URI begins with a scheme and a colon, such as memory:NAME,"
                    + " file:/DIRECTORY or redis://HOST:PORT; this one does not"
                    + (LIKE_A_HOST.matcher(text).matches()
                            ? ". It looks like HOST:PORT: put consul://, etcd://, redis:// or"
                                    + " zookeeper:// before it"
                            : ""));
        }
        scheme = text.substring(0, colon).toLowerCase(Locale.ROOT);
        String rest = text.substring(colon + 1);
        checkCharacters(rest);
        int question = rest.indexOf('?');
        String address = question < 0 ? rest : rest.substring(0, question);
        authority = address.startsWith("//");
        int pathStart = 0;
        if (authority) {
            int slash = address.indexOf('/', 2);
            pathStart = slash < 0 ? address.length() : slash;
            readAuthority(address.substring(2, pathStart), rest.indexOf('@') >= 0);
            if (!hosts.isEmpty() && address.indexOf('@', pathStart) >= 0) {
                throw malformed("there is an '@' in its path" + escapeHint(true));
            }
        }
        path = decode(address.substring(pathStart), "its path");
        if (question >= 0) {
            readQuery(rest.substring(question + 1));
        }
    }

    private void checkCharacters(String rest) {
        for (int i = 0; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if (Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c)) {
                throw malformed("it has a space or control character; write a space as %20");
            }
            if (c == '#') {
                throw malformed("it has a '#'; write it as %23");
            }
            if (Character.isHighSurrogate(c) && i + 1 < rest.length() && Character.isLowSurrogate(rest.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw malformed("it has an unpaired surrogate");
            }
        }
    }

    private void readAuthority(String text, boolean atAnywhere) {
        int at = text.lastIndexOf('@');
        if (at >= 0) {
            readUserInfo(text.substring(0, at));
        }
        String list = text.substring(at + 1);
        if (list.isEmpty()) {
            if (at >= 0) {
                throw malformed("there is no host after the '@'");
            }
            return;
        }
        for (String host : list.split(",", -1)) {
            hosts.add(readHost(host, "host " + (hosts.size() + 1), escapeHint(atAnywhere)));
        }
    }

    private void readUserInfo(String text) {
        int colon = text.indexOf(':');
        String name = decode(colon < 0 ? text : text.substring(0, colon), "its user name");
        String secret = colon < 0 ? "" : decode(text.substring(colon + 1), "its password");
        user = name.isEmpty() ? null : name;
        password = secret.isEmpty() ? null : Secret.of(secret);
    }

    private Host readHost(String text, String which, String hint) {
        int close = text.startsWith("[") ? text.indexOf(']') : -1;
        String name;
        String port;
        if (text.startsWith("[")) {
            name = close < 0 ? "" : address6(text.substring(1, close));
            port = text.substring(close + 1);
            if (name.isEmpty() || !(port.isEmpty() || port.startsWith(":"))) {
                throw malformed(which + " is not an IPv6 address in brackets, with or without :PORT after them" + hint);
            }
        } else {
            int colon = text.indexOf(':');
            name = colon < 0 ? text : text.substring(0, colon);
            port = colon < 0 ? "" : text.substring(colon);
            if (port.indexOf(':', 1) > 0) {
                throw malformed(which + " has more than one ':'; write an IPv6 address in brackets" + hint);
            }
            if (!HOST.matcher(name).matches()) {
                throw malformed(which + " is empty or has a character that no host name has" + hint);
            }
        }
        return new Host(name, port.isEmpty() ? OptionalInt.empty() : OptionalInt.of(port(port, which, hint)));
    }

    private int port(String text, String which, String hint) {
        int port = PORT.matcher(text.substring(1)).matches() ? Integer.parseInt(text.substring(1)) : 0;
        if (port < 1 || port > 65535) {
            throw malformed("the port of " + which + " is not a number from 1 to 65535" + hint);
        }
        return port;
    }

    /** The address without the escape of its zone, or nothing when it is none. */
    private static String address6(String text) {
        int zone = text.indexOf('%');
        String address = zone < 0 ? text : text.substring(0, zone);
        if (address.indexOf(':') < 0) {
            return "";
        }
        try {
            // In brackets the JDK takes it for a literal: no name is looked up.
            InetAddress.getByName("[" + address + "]");
        } catch (UnknownHostException notAnAddress) {
            return "";
        }
        String name = zone < 0 ? "" : text.substring(zone).replaceFirst("^%(25)?", "");
        if (zone >= 0 && !HOST.matcher(name).matches()) {
            return "";
        }
        return zone < 0 ? address : address + "%" + name;
    }

    private void readQuery(String text) {
        int number = 0;
        for (String part : text.split("&", -1)) {
            number++;
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw malformed("setting " + number + " after the '?' is not KEY=VALUE; write '&' in a value as %26");
            }
            String key = decode(part.substring(0, equals), "the key of setting " + number);
            String value = decode(part.substring(equals + 1), "the value of setting " + number);
            if (query.putIfAbsent(key, value) != null) {
                throw malformed("setting " + number + " after the '?' repeats the key of an earlier one");
            }
        }
    }

    private String decode(String text, String what) {
        try {
            return Percent.decode(text);
        } catch (IllegalArgumentException malformed) {
            throw malformed(what + " " + malformed.getMessage());
        }
    }

    private static String escapeHint(boolean atAnywhere) {
        return atAnywhere ? "; in a user name or password write / as %2F, ? as %3F, @ as %40 and : as %3A" : "";
    }

    private LockConfigException malformed(String problem) {
        return new LockConfigException("malformed store URI '" + scheme + ":…': " + problem);
    }
}
