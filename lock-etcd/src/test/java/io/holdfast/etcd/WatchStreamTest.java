// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Threads that refuse: a watch that has ended is opened anew all the same, at the latest when somebody needs it. */
class WatchStreamTest {
    private final Grudging runtime = new Grudging();
    private final Watches watches = new Watches();
    private final WatchStream stream = new WatchStream(watches, "p/n/", runtime, Duration.ofSeconds(3));

    /** Runs what it takes when the test says so. */
    private static final class Grudging implements LockRuntime {
        private final ArrayDeque<Runnable> scheduled = new ArrayDeque<>();
        private boolean executes = true;
        private boolean schedules = true;

        @Override
        public LockClock clock() {
            throw new UnsupportedOperationException();
        }

        @Override
        public LockScheduler scheduler() {
            return (task, nanos) -> {
                if (!schedules) {
                    throw new RejectedExecutionException("it was shut down");
                }
                scheduled.add(task);
                return () -> scheduled.remove(task);
            };
        }

        @Override
        public Executor executor() {
            return task -> {
                if (!executes) {
                    throw new RejectedExecutionException("it was shut down");
                }
                scheduled.add(task);
            };
        }

        void run() {
            for (int left = scheduled.size(); left > 0; left--) {
                scheduled.remove().run();
            }
        }
    }

    /** Opens watches that say nothing. */
    private static final class Watches implements Watch {
        private final List<Listener> opened = new ArrayList<>();

        @Override
        public Watcher watch(ByteSequence key, WatchOption option, Listener listener) {
            opened.add(listener);
            return new Watcher() {
                @Override
                public void close() {}

                @Override
                public boolean isClosed() {
                    return false;
                }

                @Override
                public void requestProgress() {}
            };
        }

        @Override
        public void requestProgress() {}

        @Override
        public void close() {}

        void ends() {
            opened.get(opened.size() - 1).onError(new IllegalStateException("the stream broke"));
        }
    }

    @Test
    @DisplayName("SP-7: an executor that refuses leaves no watch broken")
    void anExecutorThatRefuses() {
        stream.open();
        runtime.executes = false;
        watches.ends();
        runtime.run();
        runtime.run();
        assertThat(watches.opened).hasSizeGreaterThan(1);
    }

    @Test
    @DisplayName("SP-7: a watch that nobody could open anew is opened when somebody needs it, once")
    void nobodyCouldOpenIt() {
        stream.open();
        runtime.executes = false;
        runtime.schedules = false;
        watches.ends();
        assertThat(watches.opened).hasSize(1);
        stream.wake();
        assertThat(watches.opened).as("nobody would see that it stays silent").hasSize(1);
        runtime.executes = true;
        runtime.schedules = true;
        stream.wake();
        stream.wake();
        assertThat(watches.opened).hasSize(2);
    }

    @Test
    @DisplayName("SP-7: a pause that is refused is no reason to stay closed")
    void aPauseThatIsRefused() {
        stream.open();
        watches.ends();
        runtime.schedules = false;
        runtime.run();
        runtime.schedules = true;
        stream.wake();
        assertThat(watches.opened).hasSize(2);
    }

    @Test
    void oneThatRunsOrIsClosedIsNotWoken() {
        stream.open();
        stream.wake();
        assertThat(watches.opened).hasSize(1);
        runtime.executes = false;
        runtime.schedules = false;
        watches.ends();
        stream.close();
        runtime.executes = true;
        runtime.schedules = true;
        stream.wake();
        assertThat(watches.opened).hasSize(1);
    }
}
