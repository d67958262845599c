// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;

final class ChosenTestsTest {
    @AfterEach
    void forget() {
        System.clearProperty(ChosenTests.PROPERTY);
    }

    @Test
    void withoutAChoiceAllRun() {
        assertThat(runs(LockTck.Fencing.class, null)).isTrue();
        assertThat(runs(LockTck.Loss.class, "toString")).isTrue();
    }

    @Test
    void aKitThatIsNamedRunsWhole() {
        System.setProperty(ChosenTests.PROPERTY, "Loss, Fencing");
        assertThat(runs(LockTck.Fencing.class, null)).isTrue();
        assertThat(runs(LockTck.Fencing.class, "toString")).isTrue();
        assertThat(runs(LockTck.Order.class, null)).isFalse();
    }

    @Test
    void ofATestThatIsNamedNothingElseRuns() {
        System.setProperty(ChosenTests.PROPERTY, "Fencing.toString");
        assertThat(runs(LockTck.Fencing.class, null)).isTrue();
        assertThat(runs(LockTck.Fencing.class, "toString")).isTrue();
        assertThat(runs(LockTck.Fencing.class, "hashCode")).isFalse();
        assertThat(runs(LockTck.Order.class, "toString")).isFalse();
    }

    @Test
    void aNameThatIsNoKitIsAnError() {
        System.setProperty(ChosenTests.PROPERTY, "Fenced");
        Assertions.assertThatThrownBy(() -> runs(LockTck.Fencing.class, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'Fenced'")
                .hasMessageContaining("Fencing");
    }

    private static boolean runs(Class<?> kit, String method) {
        ExtensionContext context = (ExtensionContext) Proxy.newProxyInstance(
                ExtensionContext.class.getClassLoader(),
                new Class<?>[] {ExtensionContext.class},
                (proxy, called, arguments) -> switch (called.getName()) {
                    case "getRequiredTestClass" -> kit;
                    case "getTestMethod" -> method == null ? Optional.empty() : Optional.of(method(method));
                    default -> throw new UnsupportedOperationException(called.getName());
                });
        return !new ChosenTests().evaluateExecutionCondition(context).isDisabled();
    }

    private static Method method(String name) throws NoSuchMethodException {
        return Object.class.getMethod(name);
    }
}
