// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import java.io.IOException;

/**
 * What a {@link LockDirectory} is made of, for those who make its steps. All of it is used under the directory's mutex.
 *
 * @param modes whose files are ours
 * @param tokens the last token given
 * @param sessions who is there, and lives
 * @param succession who comes next
 * @param lines the directories of the names
 * @param steps who is told of each step
 */
record DirectoryParts(
        FileModes modes,
        TokenFile tokens,
        SessionFiles sessions,
        Succession succession,
        NameDirectories lines,
        Step.Observer steps) {
    /** Removes what the dead have left, rings for the first in line when nobody holds, and removes the directory when empty. */
    void settle(FileLine line) throws IOException {
        succession.isFree(line, null);
        steps.reached(Step.NEXT_RUNG);
        lines.prune(line.directory);
        steps.reached(Step.NAME_REMOVED);
    }
}
