// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * When and by what a store was tested. Immutable.
 *
 * @param kit the kit
 * @param machine where it ran
 * @param jars the SHA-256 of the jars of kit, engine, backend and fixture, by file name; what does not come from a jar has none
 * @param course when, and by which durations and random numbers
 */
public record TckRun(Build kit, Machine machine, Map<String, String> jars, Course course) {
    /**
     * A build of the kit.
     *
     * @param version the version of Holdfast
     * @param commit the commit that it was built from; empty where the jar does not know it
     * @param rules the SHA-256 of the page of rules in the jar: two runs with the same one judged by the same rules
     */
    public record Build(String version, String commit, String rules) {}

    /**
     * A machine.
     *
     * @param java version and vendor of the JDK
     * @param system name, version and architecture of the operating system
     * @param processors how many the JVM sees
     */
    public record Machine(String java, String system, int processors) {}

    /**
     * The course of a run.
     *
     * @param begun when it began
     * @param took how long it took
     * @param scale the factor for all durations: above 1 the bounds are wider, so that less is seen
     * @param seed of the witnesses' random stays
     */
    public record Course(Instant begun, Duration took, double scale, long seed) {}

    /**
     * Sorts the jars.
     *
     * @param kit the kit
     * @param machine where it ran
     * @param jars the SHA-256 of jars, by file name
     * @param course when, and by which durations and random numbers
     */
    public TckRun {
        jars = Collections.unmodifiableMap(new TreeMap<>(jars));
    }
}
