// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which groups have one member only. Many systems make a group for each user, and a umask by which that group may write what the user
 * makes: nobody else may, then.
 */
final class PrivateGroups {
    private static final int NAME = 0;
    private static final int NUMBER = 2;
    private static final int FIRST_GROUP = 3;
    private static final int MEMBERS = 3;

    private final List<String[]> users;
    private final List<String[]> groups;

    /**
     * @param users lines of a password file
     * @param groups lines of a group file
     */
    PrivateGroups(List<String> users, List<String> groups) {
        this.users = fields(users);
        this.groups = fields(groups);
    }

    /** As this host's own files say. Groups of a directory service are in none, and so nobody's. */
    static PrivateGroups ofThisHost() {
        return new PrivateGroups(lines(Path.of("/etc/passwd")), lines(Path.of("/etc/group")));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of(); // then no group is known to be private
        }
    }

    private static List<String[]> fields(List<String> lines) {
        List<String[]> found = new ArrayList<>();
        for (String line : lines) {
            String[] fields = line.split(":", -1);
            if (fields.length > MEMBERS) {
                found.add(fields);
            }
        }
        return found;
    }

    /** Whether this is the user's own group, in which nobody else is. */
    boolean isOf(int user, int group) {
        List<String> owners = new ArrayList<>();
        for (String[] entry : users) {
            if (is(entry[FIRST_GROUP], group)) {
                if (!is(entry[NUMBER], user)) {
                    return false;
                }
                owners.add(entry[NAME]);
            }
        }
        return !owners.isEmpty()
                && groups.stream()
                        .filter(entry -> is(entry[NUMBER], group))
                        .allMatch(entry -> entry[MEMBERS].isEmpty()
                                || owners.containsAll(Arrays.asList(entry[MEMBERS].split(",", -1))));
    }

    private static boolean is(String field, int number) {
        return field.equals(Integer.toUnsignedString(number));
    }
}
