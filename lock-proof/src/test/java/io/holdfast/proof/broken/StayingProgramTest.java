// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRunner;
import org.junit.jupiter.api.Test;

/** The kit finds a backend that keeps a program from ending; that takes a process, which knows backends by their URL alone. */
class StayingProgramTest {
    private static final String KIT = "Crash";

    @Test
    void isFoundByItsRule() {
        TckReport report = TckRunner.of(StayingProvider.URL).only(KIT).run();
        assertThat(report.failures()).as(report.table()).containsOnlyKeys("CL-5");
    }

    @Test
    void whatEndsIsNotFound() {
        TckReport report = TckRunner.of("memory:ends").only(KIT).run();
        assertThat(report.failures()).as(report.table()).isEmpty();
        assertThat(report.table()).contains("CL-5");
    }
}
