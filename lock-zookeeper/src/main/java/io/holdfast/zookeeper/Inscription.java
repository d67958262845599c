// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the node of a contender says of it.
 *
 * @param sinceMillis since when it contends: by its own clock, or by the servers' when another program made the node
 * @param label who it is, for people
 */
record Inscription(long sinceMillis, String label) {
    private static final Pattern OURS = Pattern.compile("holdfast ([0-9]{1,18}) (.*)", Pattern.DOTALL);
    private static final int LONGEST = 200;

    static String write(long sinceMillis, String label) {
        return "holdfast " + sinceMillis + " " + label;
    }

    static Inscription read(Requests.Node node) {
        String text = node.text();
        Matcher ours = OURS.matcher(text);
        if (ours.matches()) {
            return new Inscription(Long.parseLong(ours.group(1)), ours.group(2));
        }
        // Curator's recipes write the host's address.
        return new Inscription(node.stat().getCtime(), "another program (" + shortened(text) + ")");
    }

    /** Who may write there may write much. */
    private static String shortened(String text) {
        return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    }
}
