// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.StoreFinding;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.HashedWheelTimer;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * A Redisson client that we made, on threads of ours that end with the program (rule CL-5) and keep what Redisson and netty leave in
 * thread-locals to themselves (rule CL-6): a thread of the caller's that touched netty would keep its classes, and by them a class
 * loader of an application that has long been undeployed.
 */
final class OwnRedisson {
    private static final Logger LOG = System.getLogger("io.holdfast.redis");

    /** How long Redisson's threads may take to end. */
    private static final long SHUTDOWN_SECONDS = 3;

    private final RedissonClient client;
    private final EventLoopGroup group;
    private final ExecutorService executor;
    private final List<StoreFinding> transport;

    private OwnRedisson(
            RedissonClient client, EventLoopGroup group, ExecutorService executor, List<StoreFinding> transport) {
        this.client = client;
        this.group = group;
        this.executor = executor;
        this.transport = transport;
    }

    /** Makes a client that connects with its first request; to be called, as all that touches Redisson, by {@link #apart}. */
    static OwnRedisson create(RedissonSettings settings) {
        Config config = settings.config();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                config.getNettyThreads(), new DefaultThreadFactory("redisson-netty", true), NioIoHandler.newFactory());
        ExecutorService executor =
                Executors.newFixedThreadPool(config.getThreads(), new DefaultThreadFactory("redisson", true));
        try {
            RedissonClient client =
                    Redisson.create(config.setEventLoopGroup(group).setExecutor(executor));
            letTimerEndWithTheProgram(client);
            return new OwnRedisson(client, group, executor, settings.transport());
        } catch (RuntimeException | Error e) {
            executor.shutdown();
            group.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
            throw e;
        }
    }

    /**
     * Redisson takes no thread of ours for its timer, and has it keep the program alive. It has not begun before the first request.
     * Where the modules of the Java runtime do not let us at it, a program must close its client to end.
     */
    private static void letTimerEndWithTheProgram(RedissonClient client) {
        try {
            HashedWheelTimer timer = ((Redisson) client).getServiceManager().getTimer();
            Field worker = HashedWheelTimer.class.getDeclaredField("workerThread");
            worker.setAccessible(true);
            ((Thread) worker.get(timer)).setDaemon(true);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.log(
                    Level.WARNING,
                    "Redisson's timer keeps the program alive until its lock clients are closed ("
                            + e.getClass().getSimpleName() + ")");
        }
    }

    /** Does something on a thread of its own, which ends with it, and waits. */
    static <T> T apart(Supplier<T> work) {
        return apart(work, task -> new Thread(task, "holdfast-redis-open"));
    }

    static <T> T apart(Supplier<T> work, ThreadFactory threads) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Runnable task = () -> {
            try {
                done.complete(work.get());
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        };
        Thread thread = threads.newThread(task);
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError noThread) {
            task.run(); // what netty leaves in this thread is less than a client that nobody closes
        }
        try {
            return done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException ours) {
                throw ours;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    RedissonClient client() {
        return client;
    }

    /** On which requests are sent. */
    Executor sender() {
        return group;
    }

    /** What a diagnosis has to say of how we are connected. */
    List<StoreFinding> transport() {
        return transport;
    }

    void close() {
        apart(() -> {
            client.shutdown(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
            executor.shutdown();
            return group.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS)
                    .awaitUninterruptibly(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        });
    }
}
