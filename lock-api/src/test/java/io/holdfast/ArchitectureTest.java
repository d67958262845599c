// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.holdfast.internal.HostLabel;
import io.holdfast.internal.Names;
import io.holdfast.internal.SharedRuntime;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Timer;
import org.junit.jupiter.api.Test;

/** What the code of this module may use, so that it stays what docs/ARCHITECTURE.md says. */
class ArchitectureTest {
    private static final JavaClasses MODULE = module();

    /** Rule SP-5: only the runtime that applications share reads the system's clocks; everything else takes time from outside. */
    private static final ArchRule TIME_IS_HANDED_IN = noClasses()
            .that()
            .haveNameNotMatching("io\\.holdfast\\.internal\\.SharedRuntime.*")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Clock.class, Timer.class);

    private static JavaClasses module() {
        try {
            return new ClassFileImporter()
                    .importPath(Path.of(LockClient.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void timeIsHandedIn() {
        assertThat(MODULE).hasSizeGreaterThan(50);
        TIME_IS_HANDED_IN.check(MODULE);
    }

    /** The rule is able to fail: it finds this class, which reads the clock. */
    @Test
    void aClassThatReadsTheClockIsFound() {
        JavaClasses reader = new ClassFileImporter().importClasses(ReadsTheClock.class);
        assertThatThrownBy(() -> TIME_IS_HANDED_IN.check(reader)).hasMessageContaining("ReadsTheClock");
    }

    @Test
    void nothingButTheJdkAndItsAnnotationsIsNeeded() {
        classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("java..", "javax.net..", "org.jspecify..", "io.holdfast.."))
                .check(MODULE);
    }

    /** Settings, the rules for names and the threads without a client's own are shared; the engine itself is not for backends. */
    @Test
    void theSpiKnowsNothingOfTheEngine() {
        noClasses()
                .that()
                .resideInAPackage("io.holdfast.spi")
                .should()
                .dependOnClassesThat(resideInAPackage("io.holdfast.internal")
                        .and(not(belongToAnyOf(Names.class, HostLabel.class, SharedRuntime.class))))
                .check(MODULE);
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .check(MODULE);
    }

    private static final class ReadsTheClock {
        @SuppressWarnings("unused")
        long now() {
            return System.nanoTime();
        }
    }
}
