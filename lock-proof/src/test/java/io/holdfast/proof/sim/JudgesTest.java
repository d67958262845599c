// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The judges see what is wrong: each assumption that the rules rest on is broken here, and the rule that rests on it breaks. */
class JudgesTest {
    @ParameterizedTest
    @EnumSource(names = {"REDIS", "ETCD", "CONSUL"})
    void clocksBeyondTheMarginBreakExclusion(Personality personality) {
        List<String> rules = new ArrayList<>();
        for (long seed = 1; seed <= 6; seed++) {
            Scenario far = Plot.RATES.scenario(personality, seed).withRates(List.of(-30_000, -30_000, -30_000, 30_000));
            addRule(rules, SimRun.run(far, seed, false));
        }
        assertThat(rules).as("broken with clock rates 6 % apart").containsAnyOf("ME-1", "ME-2");
    }

    @ParameterizedTest
    @EnumSource(names = {"ETCD", "CONSUL"})
    void aStoreThatEndsLeasesEarlyBreaksExclusion(Personality personality) {
        List<String> rules = new ArrayList<>();
        for (long seed = 1; seed <= 6; seed++) {
            Scenario s = Plot.RATES.scenario(personality, seed);
            Scenario early = new Scenario(
                    s.settings().withExpiryPercent(80),
                    s.clients(),
                    s.workers(),
                    s.workload(),
                    s.horizon(),
                    s.faults(),
                    s.ratesPpm());
            addRule(rules, SimRun.run(early, seed, false));
        }
        assertThat(rules).as("broken with leases of 80 %").containsAnyOf("ME-1", "ME-2");
    }

    /** Only the length of Consul's second lease makes up for a leader that answers renewals after it was deposed. */
    @Test
    void aDeposedLeaderNeedsTheSecondLease() {
        List<String> rules = new ArrayList<>();
        for (long seed = 1; seed <= 40 && rules.isEmpty(); seed++) {
            Scenario s = deposing(seed);
            assertThat(SimRun.run(s, seed, false).violation()).isNull();
            Scenario single = new Scenario(
                    s.settings().withExpiryPercent(100),
                    s.clients(),
                    s.workers(),
                    s.workload(),
                    s.horizon(),
                    s.faults(),
                    s.ratesPpm());
            addRule(rules, SimRun.run(single, seed, false));
        }
        assertThat(rules).as("broken with a single lease").containsAnyOf("ME-1", "ME-2");
    }

    private static Scenario deposing(long seed) {
        SimRandom random = new SimRandom(seed);
        Scenario s = Plot.PAUSES.scenario(Personality.CONSUL, seed);
        long lease = s.settings().lease();
        List<Fault> faults = new ArrayList<>();
        for (long at = 3 * lease; at < s.horizon() - 10 * lease; at += 8 * lease) {
            long begin = at + random.between(0, lease);
            long stopped = random.between(lease / 2, lease * 65 / 100);
            faults.add(new Fault(
                    FaultKind.DEPOSE, begin, stopped, 0, random.between(SimSettings.SECOND, lease * 15 / 100)));
            // Cut off right after it was heard for the last time.
            for (int client = 0; client < s.clients(); client++) {
                faults.add(new Fault(FaultKind.CUT_REQUESTS, begin + stopped, 3 * lease, client, 0));
            }
        }
        return new Scenario(
                SimSettings.of(Personality.CONSUL),
                s.clients(),
                s.workers(),
                s.workload(),
                s.horizon(),
                faults,
                s.ratesPpm());
    }

    private static void addRule(List<String> rules, SimResult result) {
        if (!result.isGood()) {
            rules.add(result.violation().rule());
        }
    }

    @Test
    void aViolationIsShrunkToTheFaultsThatMakeIt() {
        List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            faults.add(new Fault(FaultKind.CUT, i, 1, i % 3, 0));
        }
        Fault guilty = faults.get(7);
        Fault accomplice = faults.get(13);

        List<Fault> left = Shrinker.shrink(faults, f -> f.contains(guilty) && f.contains(accomplice));

        assertThat(left).containsExactly(guilty, accomplice);
    }

    @Test
    void aFailedRunSaysItsRuleItsEventsAndHowToRepeatIt() {
        Scenario early = Plot.RATES.scenario(Personality.ETCD, 1).withRates(List.of(-30_000, -30_000, -30_000, 30_000));
        SimResult failed = SimRun.run(early, 1, false);
        assertThat(failed.isGood()).isFalse();

        String said = Diagnosis.of(Trial.name(Plot.RATES, Personality.ETCD, 1), early, failed);

        assertThat(said)
                .startsWith("RATES ETCD 1 breaks " + failed.violation().rule())
                .contains("of its " + early.faults().size() + " faults", "client-0 . ")
                .endsWith("-Dholdfast.sim.plot=RATES -Dholdfast.sim.personality=ETCD -Dholdfast.sim.seed=1");
    }

    @Test
    void everyKindOfFaultIsInjectedSomewhere() {
        TreeSet<FaultKind> planned = new TreeSet<>();
        for (Personality p : Personality.values()) {
            for (long seed = 1; seed <= 60; seed++) {
                Plot.RANDOM.scenario(p, seed).faults().forEach(f -> planned.add(f.kind()));
            }
        }
        assertThat(planned).containsExactlyInAnyOrder(FaultKind.values());
    }
}
