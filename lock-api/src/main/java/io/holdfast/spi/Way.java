// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import io.holdfast.StoreFinding;
import io.holdfast.StoreFinding.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a diagnosis says of the way to a store's servers, by the settings alone: the same for every store (rule ER-4). */
final class Way {
    private static final String SUBJECT = "transport";

    private Way() {}

    static List<StoreFinding> findings(BackendConfig config, boolean encrypted, Optional<String> openFile) {
        List<StoreFinding> findings = new ArrayList<>();
        findings.add(encrypted ? tls(config) : clear(config));
        openFile.ifPresent(seen -> findings.add(new StoreFinding(
                Verdict.WARNING,
                "password file",
                seen,
                "run chmod 600 on it, or give the mounted secret the mode 0400, and set a new password")));
        return List.copyOf(findings);
    }

    private static StoreFinding tls(BackendConfig config) {
        return config.tls().verify()
                ? StoreFinding.ok(SUBJECT, "TLS, and the server's certificate is checked")
                : new StoreFinding(
                        Verdict.UNSAFE,
                        SUBJECT,
                        "TLS, but 'tls.verify' is false: whoever is on the way can read the password and stand for the server",
                        "remove 'tls.verify', and set 'tls.ca' to the authority of the server's certificate");
    }

    private static StoreFinding clear(BackendConfig config) {
        boolean inside = config.uri().hosts().stream().allMatch(host -> isThisMachine(host.name()));
        if (inside || config.password().isEmpty()) {
            return StoreFinding.ok(SUBJECT, inside ? "no TLS, on this machine" : "no TLS, and no credentials");
        }
        return new StoreFinding(
                Verdict.WARNING,
                SUBJECT,
                "no TLS: the password crosses the network in the clear",
                "use " + config.uri().scheme() + "s:// and a server with TLS");
    }

    private static boolean isThisMachine(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.matches("127(\\.[0-9]{1,3}){3}")
                || host.matches("\\[?::1\\]?");
    }
}
