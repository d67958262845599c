// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRunner;
import org.junit.jupiter.api.Test;

/** A fixture of which only the name is known, as {@code holdfast tck --fixture} hands it in. */
class NamedFixtureTest {
    /** As a stranger's test has it: not public, and with hooks. */
    static final class Looking implements LockBackendFixture {
        @Override
        public String url() {
            return "memory:named-fixture";
        }

        @Override
        public boolean recognisesCopies() {
            return true;
        }
    }

    /** It cannot be made without arguments. */
    record WithArguments(String url) implements LockBackendFixture {}

    @Test
    void isMadeAndItsHooksAreUsed() {
        TckReport report =
                TckRunner.ofFixture(Looking.class.getName()).only("Fencing").run();
        assertThat(report.isPassed()).as(report.table()).isTrue();
        assertThat(report.store().fixture().type()).isEqualTo(Looking.class.getName());
    }

    @Test
    void whatIsWrongWithItIsSaid() {
        assertThatThrownBy(() -> TckRunner.ofFixture("their.Missing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no class their.Missing");
        assertThatThrownBy(() -> TckRunner.ofFixture(NamedFixtureTest.class.getName()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no fixture");
        assertThatThrownBy(() -> TckRunner.ofFixture(WithArguments.class.getName()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no constructor without arguments");
    }
}
