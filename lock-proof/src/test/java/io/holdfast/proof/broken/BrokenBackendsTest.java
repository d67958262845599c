// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.tck.TckReport;
import io.holdfast.tck.TckRunner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Broken stores that queue. */
class BrokenBackendsTest extends BrokenBackends {
    BrokenBackendsTest() {
        super(Defects.ofQueues());
    }

    /** What harms others than the test that is about it is found beside others as well, if not as clearly. */
    @Test
    void whatReachesOthersIsFoundBesideThem() {
        for (Defect defect : asked()) {
            if (defect.reachesOthers()) {
                TckReport report = run(defect, defect.kits(), BESIDE_EACH_OTHER);
                assertThat(failed(report)).as(report.table()).containsAll(defect.rules());
            }
        }
    }

    /** A fault that changes nothing is found by nobody: what is found otherwise is not the fixture's. */
    @Tag("long")
    @Test
    void aBackendWithoutAFaultPasses() {
        TckReport report = TckRunner.of(new BrokenFixture(BrokenBackend::new)).run();
        assertThat(failed(report)).as(report.table()).isEmpty();
        assertThat(report.isPassed()).isTrue();
    }
}
