// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.TableBackend;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** A backend with which the kit cannot begin, or that hangs, is told in one line and in a stated time. */
class BadBeginningTest {
    private final List<String> failures = new ArrayList<>();

    private TckRunner kit(Supplier<LockBackend> opening) {
        return TckRunner.of(new LockBackendFixture() {
                    @Override
                    public String url() {
                        return "rows:test";
                    }

                    @Override
                    public LockBackend open(LockConfig config) {
                        return opening.get();
                    }
                })
                .tell(new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        result.getThrowable()
                                .filter(thrown -> result.getStatus() == TestExecutionResult.Status.FAILED)
                                .ifPresent(thrown -> failures.add(thrown.toString()));
                    }
                });
    }

    @Test
    void aConstructorThatThrowsIsToldOnceWithItsPlace() {
        TckRunner kit = kit(() -> {
            throw new IllegalStateException("pool could not be made");
        });
        assertThatThrownBy(kit::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(
                        "the kit did not begin: java.lang.IllegalStateException: pool could not be made, at ")
                .hasMessageContaining(BadBeginningTest.class.getSimpleName());
        assertThat(failures).hasSize(1);
    }

    @Test
    void aStoreWithoutANameIsNamed() {
        LockBackend sound = TableBackend.of(new Rows());
        InvocationHandler nameless =
                (proxy, method, arguments) -> method.getName().equals("store") ? null : method.invoke(sound, arguments);
        TckRunner kit = kit(() -> (LockBackend) Proxy.newProxyInstance(
                LockBackend.class.getClassLoader(), new Class<?>[] {LockBackend.class}, nameless));
        assertThatThrownBy(kit::run).hasMessageContaining("LockBackend.store() returned null");
        assertThat(failures).hasSize(1);
    }

    @Test
    @Timeout(240)
    void aBackendThatHangsAtItsOpeningIsToldWithWhereItHangs() {
        CountDownLatch never = new CountDownLatch(1);
        TckRunner kit = kit(() -> {
            await(never);
            throw new IllegalStateException("interrupted");
        });
        assertThatThrownBy(kit::run)
                .hasMessageContaining("had not come to an end after")
                .hasMessageContaining("await");
        assertThat(failures).hasSize(1);
        never.countDown();
    }

    private static void await(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                // As a backend does that cannot be told to stop.
            }
        }
    }
}
