// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import io.holdfast.LockConfigException;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A value of a {@link RedissonFile}; what it is not is told without showing it.
 *
 * @param name of the setting
 * @param node what stands there
 */
record RedissonFileValue(RedissonFile file, String name, Node node) {
    int number(int least, int most) {
        String text = text();
        long number = text.matches("-?[0-9]{1,18}") ? Long.parseLong(text) : Long.MIN_VALUE;
        if (number < least || number > most) {
            throw wrong("a whole number from " + least + " to " + most);
        }
        return Math.toIntExact(number);
    }

    boolean flag() {
        return switch (text()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong("true or false");
        };
    }

    String text() {
        return text(node).orElseThrow(() -> wrong("a plain value, without a tag"));
    }

    String[] texts() {
        if (!(node instanceof SequenceNode sequence) || !node.getTag().equals(Tag.SEQ)) {
            throw wrong("a list, such as [\"one\", \"two\"]");
        }
        return sequence.getValue().stream()
                .map(one -> text(one).orElseThrow(() -> wrong("a list of plain values")))
                .toArray(String[]::new);
    }

    private Optional<String> text(Node one) {
        boolean plain = one instanceof ScalarNode && one.getTag().getValue().startsWith(Tag.PREFIX);
        boolean known = Tag.STR.equals(one.getTag())
                || Tag.INT.equals(one.getTag())
                || Tag.BOOL.equals(one.getTag())
                || Tag.FLOAT.equals(one.getTag());
        if (!plain || !known) {
            return Optional.empty();
        }
        String text = ((ScalarNode) one).getValue();
        if (text.contains("${")) {
            throw file.wrong(
                    one, "'" + name + "' has a placeholder, and nothing is replaced here; write the value itself");
        }
        return Optional.of(text);
    }

    private LockConfigException wrong(String expected) {
        return file.wrong(node, "'" + name + "' must be " + expected);
    }
}
