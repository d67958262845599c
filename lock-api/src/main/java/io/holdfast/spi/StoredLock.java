// SPDX-License-Identifier: Apache-2.0
package io.holdfast.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a store shows of one name. Immutable. */
public final class StoredLock {
    private static final int LONGEST_HOLDER = 800;

    private final String name;
    private final long storeToken;
    private final @Nullable String holder;
    private final long sinceMillis;
    private final int contenders;

    /**
     * Takes down what the store shows.
     *
     * @param name the lock's name, decoded
     * @param storeToken the token of the grant in force; 0 when nobody holds
     * @param holder the holder's session label, for people; null when nobody holds. It is cut after 800 characters, since whoever may
     *     write to the store may have written any length
     * @param sinceMillis since when, by the holder's wall clock, in milliseconds since the epoch; where a grant writes nothing,
     *     since when the holder contends; 0 when unknown
     * @param contenders how many contenders the store knows, the holder included
     */
    public StoredLock(String name, long storeToken, @Nullable String holder, long sinceMillis, int contenders) {
        this.name = Objects.requireNonNull(name, "name");
        this.storeToken = storeToken;
        this.holder = holder == null ? null : cut(holder);
        this.sinceMillis = sinceMillis;
        this.contenders = contenders;
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
     * @param contenders how many wait, as while the lock passes from one to the next; zero for none
     * @return its state
     */
    public static StoredLock free(String name, int contenders) {
        return new StoredLock(name, 0, null, 0, contenders);
    }

    /**
     * The lock's name.
     *
     * @return the name, decoded
     */
    public String name() {
        return name;
    }

    /**
     * The token of the grant in force.
     *
     * @return the store's token; 0 when nobody holds
     */
    public long storeToken() {
        return storeToken;
    }

    /**
     * Who holds, for people.
     *
     * @return the holder's session label, cut after 800 characters; null when nobody holds
     */
    public @Nullable String holder() {
        return holder;
    }

    /**
     * Since when it is held or, where a grant writes nothing, contended for by its holder.
     *
     * @return milliseconds since the epoch by the holder's wall clock; 0 when unknown
     */
    public long sinceMillis() {
        return sinceMillis;
    }

    /**
     * How many contenders the store knows.
     *
     * @return their number, the holder included
     */
    public int contenders() {
        return contenders;
    }

    /**
     * Whether somebody holds the name.
     *
     * @return true when there is a grant in force
     */
    public boolean isHeld() {
        return storeToken != 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StoredLock lock
                && name.equals(lock.name)
                && storeToken == lock.storeToken
                && Objects.equals(holder, lock.holder)
                && sinceMillis == lock.sinceMillis
                && contenders == lock.contenders;
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, storeToken, holder, sinceMillis, contenders);
    }

    @Override
    public String toString() {
        return "StoredLock[name=" + name + ", storeToken=" + storeToken + ", holder=" + holder + ", sinceMillis="
                + sinceMillis + ", contenders=" + contenders + "]";
    }
}
