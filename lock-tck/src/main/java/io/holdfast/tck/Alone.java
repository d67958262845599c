// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * No other test of the kit runs beside it: it harms the store or the way there, looks at what all tests share (threads, the log,
 * all locks), needs much of the machine, or measures a time that neighbours could stretch.
 */
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@interface Alone {}
