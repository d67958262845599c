// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import java.util.Arrays;
import java.util.List;

/** Stack traces in few words. */
public final class Frames {
    private static final int SHOWN = 8;

    private Frames() {}

    public static List<String> of(StackTraceElement[] trace) {
        return Arrays.stream(trace)
                .limit(SHOWN)
                .map(frame -> frame.getClassName().replaceAll(".*\\.", "") + "." + frame.getMethodName() + ":"
                        + frame.getLineNumber())
                .toList();
    }
}
