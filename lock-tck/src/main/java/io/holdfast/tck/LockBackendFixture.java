// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.tck.internal.Providers;
import java.util.List;

/**
 * How the kit reaches the store under test. Only {@link #url} is needed; each other method makes more tests run.
 *
 * <p>One fixture serves all tests of a run, on one store. Thread-safe.
 */
public interface LockBackendFixture extends AutoCloseable {
    /**
     * The store, as a program's configuration names it. Separate processes open their clients by it, too.
     *
     * @return such as {@code memory:kit} or {@code their:scheme}
     */
    String url();

    /**
     * The settings of every client of the kit beside its lease, its label and its timeouts.
     *
     * @return by default the URL alone, which is trusted with every setting, whatever the environment says
     */
    default LockConfig config() {
        return LockConfig.of(url()).with("trust-url", "true");
    }

    /**
     * A second prefix, by which the kit tests that no name reaches from one prefix into another. Where the store's user may write under
     * certain prefixes only, return one of these.
     *
     * @return another one than that of {@link #config}
     */
    default String neighbourPrefix() {
        return "kit-neighbour";
    }

    /**
     * Makes the backend of a new client; the kit closes it. By default the provider of the URL's scheme makes it.
     *
     * @param config the client's settings
     * @return a backend of its own, as another process would have
     * @throws Exception when it fails
     */
    default LockBackend open(LockConfig config) throws Exception {
        return Providers.open(config);
    }

    /**
     * Everything that the store has under the prefix now, looked up past the backend, except what the backend's documentation allows to
     * stay.
     *
     * @return one line for each key, node, file or session; empty when the store is as it was before the first client
     * @throws Exception when it fails
     */
    default List<String> residue() throws Exception {
        throw new HookMissing(Hook.RESIDUE, "list what is left in the store");
    }

    /**
     * What can be done to the store.
     *
     * @return by default {@link StoreFaults#NONE}
     */
    default StoreFaults faults() {
        return StoreFaults.NONE;
    }

    /**
     * Whether the backend recognises a contend with an id used before as a copy, so that rules UO-2 and UO-4 can be tested by
     * contending twice. Leave it false for a backend in which only the network can repeat a request.
     *
     * <p>A {@code TableBackend} is tested in this way in any case: its contract demands it.
     *
     * @return false by default: then these rules are tested by {@link StoreFaults#holdRequests} only
     */
    default boolean recognisesCopies() {
        return false;
    }

    /**
     * Whether a session that the engine does not renew expires although its process lives. Return false where the store's client keeps
     * its session alive by itself, as ZooKeeper's does; then expiry is tested by killing processes only.
     *
     * @return true by default
     */
    default boolean silenceExpires() {
        return true;
    }

    /**
     * The version of the store's server, for the report.
     *
     * @return as the server says it; empty by default, where nobody asked it
     */
    default String serverVersion() {
        return "";
    }

    /**
     * Whether Holdfast's own laboratory started the server and keeps the link to it, for the report. The laboratory's {@code
     * ServerFixture} says yes; leave it in a fixture of your own.
     *
     * @return false by default
     */
    default boolean serverOfTheLab() {
        return false;
    }

    /** Ends what the fixture began. */
    @Override
    default void close() {}
}
