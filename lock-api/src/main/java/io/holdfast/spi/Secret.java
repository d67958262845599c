// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A password or token that does not show itself: {@link #toString()} is {@code ***}, so that no log or message carries it by
 * accident. Immutable. Two secrets are equal when their texts are.
 */
public final class Secret {
    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    /**
     * Hides a text.
     *
     * @param text the password or token; may be empty
     * @return the secret
     */
    public static Secret of(CharSequence text) {
        return new Secret(text.toString());
    }

    /**
     * The text itself, for the store's client only.
     *
     * @return the password or token
     */
    public String reveal() {
        return text;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Secret secret && text.equals(secret.text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(text);
    }

    @Override
    public String toString() {
        return "***";
    }
}
