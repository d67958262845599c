// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Executors and schedulers that refuse: nobody is forgotten, and nothing counts as under way that is not. */
class TasksTest {
    private final Grudging runtime = new Grudging();
    private final List<String> told = new ArrayList<>();

    /** Runs on the test's thread; refuses as long as it is told to. */
    private static final class Grudging implements LockRuntime {
        private final ArrayDeque<Runnable> scheduled = new ArrayDeque<>();
        private final ArrayDeque<Runnable> handedIn = new ArrayDeque<>();
        private int refusals;
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
                if (refusals > 0) {
                    refusals--;
                    throw new OutOfMemoryError("unable to create native thread");
                }
                handedIn.add(task);
            };
        }

        void run() {
            while (!scheduled.isEmpty() || !handedIn.isEmpty()) {
                (scheduled.isEmpty() ? handedIn : scheduled).remove().run();
            }
        }
    }

    private final class Told implements Admission.Contend {
        private final String name;
        private final boolean served;

        Told(String name, boolean served) {
            this.name = name;
            this.served = served;
        }

        @Override
        public boolean send() {
            told.add(name + " sent");
            return served;
        }

        @Override
        public void refused() {
            told.add(name + " refused");
        }
    }

    @Test
    void whatIsRefusedIsHandedInAgain() {
        runtime.refusals = 3;
        Tasks.run(runtime, () -> told.add("ran"), why -> told.add("refused"));
        runtime.run();
        assertThat(told).containsExactly("ran");
    }

    @Test
    void whatIsRefusedAgainAndAgainIsToldOnce() {
        runtime.refusals = Integer.MAX_VALUE;
        Tasks.later(runtime, () -> told.add("ran"), 1, why -> told.add("refused"));
        runtime.run();
        assertThat(told).containsExactly("refused");
    }

    @Test
    void aSchedulerThatRefusesIsToldAtOnce() {
        runtime.schedules = false;
        Tasks.later(runtime, () -> told.add("ran"), 1, why -> told.add("refused"));
        runtime.refusals = 1;
        Tasks.run(runtime, () -> told.add("ran"), why -> told.add("refused, too"));
        assertThat(told).containsExactly("refused", "refused, too");
    }

    @Test
    @DisplayName("SP-3: contends without a thread are told so, and their place is free for the next")
    void contendsWithoutAThread() {
        Admission admission = new Admission(1, runtime);
        admission.admit(new Admission.Contend() {
            @Override
            public boolean send() {
                admission.admit(new Told("second", true));
                admission.admit(new Told("third", true));
                runtime.refusals = Integer.MAX_VALUE;
                return true;
            }

            @Override
            public void refused() {
                told.add("first refused");
            }
        });
        runtime.run();
        assertThat(told).containsExactly("second refused", "third refused");
        admission.admit(new Told("fourth", true));
        assertThat(told).as("on its own thread").endsWith("fourth sent");
    }

    @Test
    @DisplayName("SP-3: a place that cannot rest goes to the next at once")
    void aPlaceThatCannotRest() {
        Admission admission = new Admission(1, runtime);
        admission.admit(new Admission.Contend() {
            @Override
            public boolean send() {
                admission.admit(new Told("second", true));
                runtime.schedules = false;
                return false;
            }

            @Override
            public void refused() {
                told.add("first refused");
            }
        });
        runtime.run();
        assertThat(told).containsExactly("second sent");
    }
}
