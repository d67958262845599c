// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import io.holdfast.lab.server.ServerHost.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One node of a server: one process, through all its lives. Its address stays the same. Thread-safe.
 */
public final class ServerNode {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration POLL = Duration.ofMillis(10);

    private final Site site;
    private final ServerProcess process;
    private boolean paused;

    ServerNode(Site site, ServerProcess process) {
        this.site = site;
        this.process = process;
    }

    /**
     * Where clients connect to.
     *
     * @return a loopback address
     */
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), site.clientPort());
    }

    /**
     * {@link #address()} as a URI's authority.
     *
     * @return {@code 127.0.0.1:PORT}
     */
    public String endpoint() {
        return site.endpoint();
    }

    /**
     * Whether the process runs, paused or not.
     *
     * @return false when it has not been started, or has ended
     */
    public synchronized boolean isRunning() {
        return process.isRunning();
    }

    /**
     * Whether this node leads its cluster, as it sees it itself; a single server does.
     *
     * @return false too when it does not answer
     */
    public boolean isLeader() {
        try {
            return site.spec().kind().recipe().leads(site);
        } catch (IOException noAnswer) {
            return false;
        }
    }

    /**
     * Stops the process where it is ({@code SIGSTOP}): it keeps its connections and answers nothing. Does nothing to one that is paused.
     *
     * @throws IllegalStateException if it does not run
     */
    public synchronized void pause() {
        // A container engine refuses to pause what is paused, and to let go on what goes on.
        if (!paused) {
            process.signal("STOP");
            paused = true;
        }
    }

    /**
     * Lets a paused process go on ({@code SIGCONT}). Does nothing to one that is not paused.
     *
     * @throws IllegalStateException if it does not run
     */
    public synchronized void resume() {
        if (paused) {
            process.signal("CONT");
            paused = false;
        }
    }

    /**
     * Ends the process without a warning ({@code SIGKILL}), paused or not, and waits for its end.
     *
     * @throws IllegalStateException if it does not run
     */
    public synchronized void kill() {
        process.signal("KILL");
        process.awaitEnd();
        paused = false;
    }

    /**
     * Tells the process to end ({@code SIGTERM}, or what it takes for that), and waits for its end.
     *
     * @throws IllegalStateException if it does not run, or has not ended after 30 seconds
     */
    public synchronized void terminate() {
        process.signal(site.spec().kind().recipe().endSignal());
        process.awaitEnd();
    }

    /**
     * Starts the process again, with the data it has, and waits until it serves.
     *
     * @throws IllegalStateException if it runs, if it does not come up within two minutes, or if the server is not {@link
     *     ServerSpec#durable()} and so may have lost its data
     */
    public void start() {
        if (!site.spec().isDurable()) {
            throw new IllegalStateException(
                    site + " is not durable: a node that starts again may have lost what it knew");
        }
        launch();
        awaitReady();
    }

    /**
     * {@link #kill()}, then {@link #start()}.
     *
     * @throws IllegalStateException as they do
     */
    public void restart() {
        kill();
        start();
    }

    /**
     * What the process has written to its output.
     *
     * @return all of it, over all its lives
     */
    public synchronized String log() {
        return process.log();
    }

    synchronized boolean isUnharmed() {
        return process.isRunning() && !paused;
    }

    Site site() {
        return site;
    }

    synchronized void launch() {
        if (process.isRunning()) {
            throw new IllegalStateException(site + " runs");
        }
        try {
            process.start(site.spec().kind().recipe().configure(site));
        } catch (IOException e) {
            throw new UncheckedIOException(site + " cannot be started", e);
        }
    }

    void awaitReady() {
        long start = System.nanoTime();
        @Nullable IOException last = null;
        while (System.nanoTime() - start < START_LIMIT.toNanos()) {
            if (!isRunning()) {
                throw new DidNotStartException(site + " ended while it started:\n" + end(log()), last);
            }
            try {
                if (site.spec().kind().recipe().isReady(site)) {
                    return;
                }
            } catch (IOException notYet) {
                last = notYet;
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
        throw new DidNotStartException(
                site + " does not serve after " + START_LIMIT.toSeconds() + " s; " + last + "\n" + end(log()), last);
    }

    /** The last lines, which say why. */
    private static String end(String log) {
        return log.substring(Math.max(0, log.length() - 4_000));
    }

    @Override
    public String toString() {
        return site.toString();
    }
}
