// SPDX-License-Identifier: Apache-2.0
package io.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PageTest {
    private static String page() throws Exception {
        return Files.readString(Path.of("..", "docs", "PERFORMANCE.md"));
    }

    @Test
    void theTableIsExchangedAndNothingElse() throws Exception {
        String page = page();
        String once = Page.with(page, "one\n");
        assertThat(once).contains("-->\none\n<!--");
        assertThat(Page.with(once, "two\n")).isEqualTo(Page.with(page, "two\n"));
        assertThatThrownBy(() -> Page.with("nothing", "one")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void thePageShowsEachWorkOnEachStore() throws Exception {
        String page = page();
        assertThat(page).contains(Row.head());
        Arrays.stream(Work.values()).forEach(work -> Arrays.stream(BenchStore.values())
                .forEach(store -> assertThat(page).contains("| " + work.title() + " | " + store.peerTitle() + " |")));
    }
}
