// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RuleBookTest {
    @Test
    void readsTheRulesOfThePage() {
        assertThat(RuleBook.spec().rules()).hasSizeGreaterThan(70);
        assertThat(RuleBook.spec().rule("ME-1").title()).isEqualTo("One valid hold");
    }

    @Test
    void everyRuleSaysWhatIsDemandedHowItIsTestedAndWhatToCheck() {
        assertThat(RuleBook.spec().rules()).allSatisfy(rule -> {
            assertThat(rule.demand()).as(rule.id()).contains("MUST");
            assertThat(rule.tested()).as(rule.id()).isNotBlank();
            assertThat(rule.check()).as(rule.id()).isNotBlank();
        });
    }

    @Test
    void joinsTheLinesOfAnItemAndStopsAtTheNextHeading() {
        RuleBook book = RuleBook.parse(List.of(
                "### AB-1 First",
                "One MUST be",
                "one.",
                "- *Intent.* So.",
                "- *Tested.* Kit.",
                "- *If it fails.* Look",
                "  here.",
                "## Next part",
                "Not of the rule."));
        Rule rule = book.rule("AB-1");
        assertThat(rule.demand()).isEqualTo("One MUST be one.");
        assertThat(rule.tested()).isEqualTo("Kit.");
        assertThat(rule.check()).isEqualTo("Look here.");
    }

    @Test
    void aRuleThatThePageDoesNotHaveIsAnError() {
        assertThatThrownBy(() -> RuleBook.spec().rule("ZZ-9")).hasMessageContaining("ZZ-9");
    }

    @Test
    void everyRuleThatATestNamesIsOnThePage() {
        TestedRules.all().forEach(id -> assertThat(RuleBook.spec().rule(id)).isNotNull());
    }
}
