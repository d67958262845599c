// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the rules of docs/SPEC.md that a test of the kit shows to hold; the report counts by it. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Proves {
    /**
     * The rules.
     *
     * @return ids such as {@code ME-1}
     */
    String[] value();
}
