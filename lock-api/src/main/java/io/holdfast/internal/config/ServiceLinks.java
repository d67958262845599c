// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import java.util.regex.Pattern;

/**
 * The variables that Kubernetes puts into every container of a namespace for each Service in it, and Docker for a link: for one
 * named {@code holdfast} or {@code holdfast-redis} they begin as ours do (rule CF-8). By name and value, so that nobody's setting
 * with such a name is taken for one.
 */
final class ServiceLinks {
    private static final String ADDRESS = "[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*";
    private static final String NUMBER = "[0-9]{1,5}";

    private static final Pattern HOST = Pattern.compile("(?:[A-Z0-9_]+_)?SERVICE_HOST=(?:" + ADDRESS + ")");
    private static final Pattern PORT = Pattern.compile("(?:[A-Z0-9_]+_)?SERVICE_PORT(?:_[A-Z0-9_]+)?=" + NUMBER);
    private static final Pattern LINK =
            Pattern.compile("(?:[A-Z0-9_]+_)?PORT(?:_" + NUMBER + "_(?:TCP|UDP|SCTP))?=(?:tcp|udp|sctp)://.*");
    private static final Pattern PART = Pattern.compile("(?:[A-Z0-9_]+_)?PORT_" + NUMBER
            + "_(?:TCP|UDP|SCTP)_(?:PROTO=(?:tcp|udp|sctp)|PORT=" + NUMBER + "|ADDR=(?:" + ADDRESS + "))");

    private ServiceLinks() {}

    /** Whether a variable is one, from its name without {@code HOLDFAST_}. */
    static boolean isOne(String name, String value) {
        String variable = name + "=" + value;
        return HOST.matcher(variable).matches()
                || PORT.matcher(variable).matches()
                || LINK.matcher(variable).matches()
                || PART.matcher(variable).matches();
    }
}
