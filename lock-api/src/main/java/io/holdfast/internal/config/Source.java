// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.config;

import io.holdfast.spi.Secret;
import io.holdfast.spi.StoreUri;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Settings of one strength. */
@FunctionalInterface
interface Source {
    /** The source of what the program set. */
    String PROGRAM = "set by the program";

    Optional<Setting> find(String key);

    static Source program(Map<String, String> settings) {
        return key -> Optional.ofNullable(settings.get(key)).map(text -> new Setting(key, text, PROGRAM));
    }

    /** An address's query and user-info, of equal strength: who gives a user name or password by both is told so. */
    static Source uri(StoreUri uri) {
        return key -> {
            Optional<Setting> query =
                    Optional.ofNullable(uri.query().get(key)).map(text -> new Setting(key, text, Setting.QUERY));
            Optional<Setting> userInfo = userInfo(uri, key).map(text -> new Setting(key, text, Setting.USER_INFO));
            if (query.isPresent() && userInfo.isPresent()) {
                throw userInfo.get().wrong("is given by the URL's query too; give it once");
            }
            return Stream.of(query, userInfo).flatMap(Optional::stream).findFirst();
        };
    }

    private static Optional<String> userInfo(StoreUri uri, String key) {
        if (key.equals(CommonKey.USER.key())) {
            return uri.user();
        }
        return key.equals(CommonKey.PASSWORD.key()) ? uri.password().map(Secret::reveal) : Optional.empty();
    }
}
