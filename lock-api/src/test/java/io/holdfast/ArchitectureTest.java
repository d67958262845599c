// SPDX-License-Identifier: Apache-2.0
package io.holdfast;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.lang.System.Logger.Level;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Timer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What the code of this module may use, so that it stays what docs/ARCHITECTURE.md says. */
class ArchitectureTest {
    private static final JavaClasses MODULE = module();

    /** Rule SP-5: only the runtime that applications share reads the system's clocks; everything else takes time from outside. */
    private static final ArchRule TIME_IS_HANDED_IN = noClasses()
            .that()
            .haveNameNotMatching("io\\.holdfast\\.internal\\.runtime\\.SharedRuntime.*")
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

    /** A log shows who called the logger: that is to be a name of the API, which stays. */
    private static final ArchRule LOGGED_BY_THE_API = noClasses()
            .that()
            .resideInAPackage("io.holdfast.internal..")
            .and()
            .haveNameNotMatching("io\\.holdfast\\.internal\\.SafeLog")
            .should()
            .callMethod(System.Logger.class, "log", Level.class, String.class)
            .orShould()
            .callMethod(System.Logger.class, "log", Level.class, Supplier.class)
            .orShould()
            .callMethod(System.Logger.class, "log", Level.class, String.class, Throwable.class);

    /** What only the engine itself may use. */
    private static final String[] FLOORS = {
        "io.holdfast.internal.opening",
        "io.holdfast.internal.client",
        "io.holdfast.internal.name",
        "io.holdfast.internal.session",
        "io.holdfast.internal.context",
        "io.holdfast.internal.runtime"
    };

    private static final ArchRule FLOORS_OF_THE_ENGINE = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.holdfast.internal..")
            .layer("opening")
            .definedBy("io.holdfast.internal.opening")
            .layer("client")
            .definedBy("io.holdfast.internal.client")
            .layer("name")
            .definedBy("io.holdfast.internal.name")
            .layer("session")
            .definedBy("io.holdfast.internal.session")
            .layer("context")
            .definedBy("io.holdfast.internal.context")
            .layer("runtime")
            .definedBy("io.holdfast.internal.runtime")
            .layer("config")
            .definedBy("io.holdfast.internal.config")
            .layer("backend")
            .definedBy("io.holdfast.internal.backend")
            .whereLayer("opening")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("client")
            .mayOnlyBeAccessedByLayers("opening")
            .whereLayer("name")
            .mayOnlyBeAccessedByLayers("client")
            .whereLayer("session")
            .mayOnlyBeAccessedByLayers("name", "client")
            .whereLayer("context")
            .mayOnlyBeAccessedByLayers("session", "name", "client", "opening")
            .whereLayer("runtime")
            .mayOnlyBeAccessedByLayers("client", "opening", "backend")
            .whereLayer("config")
            .mayOnlyBeAccessedByLayers("opening")
            .whereLayer("backend")
            .mayNotBeAccessedByAnyLayer();

    private static final ArchRule PACKAGES_WITHOUT_CIRCLES =
            slices().matching("io.holdfast.internal.(*)").should().beFreeOfCycles();

    /** A type with all that is nested in it is one slice, since it is one file. */
    private static final ArchRule TYPES_WITHOUT_CIRCLES =
            slices().assignedFrom(new OneFile()).should().beFreeOfCycles();

    private static final class OneFile implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return type.getPackageName().startsWith("io.holdfast.internal")
                    ? SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""))
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "the engine's source files";
        }
    }

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
    void noClassOfTheInsideCallsALogger() {
        LOGGED_BY_THE_API.check(MODULE);
    }

    @Test
    void nothingButTheJdkAndItsAnnotationsIsNeeded() {
        classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("java..", "javax.net..", "org.jspecify..", "io.holdfast.."))
                .check(MODULE);
    }

    /** Settings, the rules for names and the open sessions of a backend are shared; the engine itself is not for backends. */
    @Test
    void theSpiKnowsNothingOfTheEngine() {
        noClasses()
                .that()
                .resideInAPackage("io.holdfast.spi..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(FLOORS))
                .check(MODULE);
    }

    /** It is the reference for backends: what it needs they can have, too. */
    @Test
    void memoryIsABackendLikeAnyOther() {
        noClasses()
                .that()
                .resideInAPackage("io.holdfast.memory")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.holdfast.internal.."))
                .check(MODULE);
    }

    /** Each floor of the engine knows those below it: what is above can change without a look at them. */
    @Test
    void theEngineHasFloors() {
        FLOORS_OF_THE_ENGINE.check(MODULE);
    }

    /** Reading one type or package, one knows what it may touch: none is reached again from what it uses. */
    @Test
    void nothingInTheEngineGoesInACircle() {
        PACKAGES_WITHOUT_CIRCLES.check(MODULE);
        TYPES_WITHOUT_CIRCLES.check(MODULE);
    }

    /** These rules are able to fail: they find two classes that use each other, and one that reaches up. */
    @Test
    void circlesAndReachingUpAreFound() {
        JavaClasses circle = new ClassFileImporter().importPackages("io.holdfast.internal.circle");
        assertThatThrownBy(() -> TYPES_WITHOUT_CIRCLES.check(circle)).hasMessageContaining("Cycle detected");
        JavaClasses all = new ClassFileImporter().importPackages("io.holdfast.internal");
        assertThatThrownBy(() -> FLOORS_OF_THE_ENGINE.check(all)).hasMessageContaining("ReachesUp");
        assertThatThrownBy(() -> PACKAGES_WITHOUT_CIRCLES.check(all)).hasMessageContaining("Cycle detected");
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
