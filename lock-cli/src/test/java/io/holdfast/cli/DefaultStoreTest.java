// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.StoreUri;
import org.junit.jupiter.api.Test;

class DefaultStoreTest {
    private static final String PASSWORDS =
            """
            root:x:0:0:root:/root:/bin/bash
            daemon:x:1:1::/usr/sbin:/usr/sbin/nologin
            half a line:10
            ann:x:1000:1000:Ann, Room 7:/home/ann:/bin/sh
            toor:x:0:0:a second name of user 0:/elsewhere:/bin/sh
            """;

    @Test
    void theHomeIsThatOfTheFirstEntryOfTheUser() {
        assertThat(DefaultStore.homeIn(PASSWORDS, 1000)).contains("/home/ann");
        assertThat(DefaultStore.homeIn(PASSWORDS, 0)).contains("/root");
    }

    @Test
    void aNumberThatIsPartOfAnotherIsNotTheUser() {
        assertThat(DefaultStore.homeIn(PASSWORDS, 10)).isEmpty();
        assertThat(DefaultStore.homeIn(PASSWORDS, 100)).isEmpty();
    }

    @Test
    void anyPathSurvivesTheWayThroughAnAddress() {
        String path = "/home/Jörg & Ann/100%/a?b#c/.local/state";

        assertThat(StoreUri.parse("file:" + DefaultStore.encoded(path)).path()).isEqualTo(path);
    }
}
