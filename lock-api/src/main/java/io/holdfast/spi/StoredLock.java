// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a store shows of one name.
 *
 * @param name the lock's name, decoded
 * @param storeToken the token of the grant in force; 0 when nobody holds
 * @param holder the holder's session label, for people, cut after 800 characters: whoever may write to
 *     the store may write much; null when nobody holds
 * @param sinceMillis since when, by the holder's wall clock, in milliseconds since the epoch; where a grant writes nothing,
 *     since when the holder contends; 0 when unknown
 * @param contenders how many contenders the store knows, the holder included
 */
public record StoredLock(String name, long storeToken, @Nullable String holder, long sinceMillis, int contenders) {
    private static final int LONGEST_HOLDER = 800;

    /**
     * Checks for null, and cuts a holder that is too long.
     *
     * @param name the lock's name
     * @param storeToken 0 when nobody holds
     * @param holder null when nobody holds
     * @param sinceMillis 0 when unknown
     * @param contenders the holder included
     */
    public StoredLock {
        Objects.requireNonNull(name, "name");
        holder = holder == null ? null : cut(holder);
    }

    private static String cut(String holder) {
        if (holder.length() <= LONGEST_HOLDER) {
            return holder;
        }
        boolean splits = Character.isHighSurrogate(holder.charAt(LONGEST_HOLDER - 1));
        return holder.substring(0, splits ? LONGEST_HOLDER - 1 : LONGEST_HOLDER);
    }

    /**
     * A name that nobody holds.
     *
     * @param name the lock's name
     * @param contenders how many wait all the same (a hand-over is under way)
     * @return its state
     */
    public static StoredLock free(String name, int contenders) {
        return new StoredLock(name, 0, null, 0, contenders);
    }

    /**
     * Whether somebody holds the name.
     *
     * @return true when there is a grant in force
     */
    public boolean isHeld() {
        return storeToken != 0;
    }
}
