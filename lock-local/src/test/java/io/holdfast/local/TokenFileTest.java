// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
    private static final int AT_ONCE = 4;
    private static final int ROUNDS = 200;

    @TempDir
    private Path directory;

    @Test
    @DisplayName("whoever opens a new directory at the same moment finds its first token, and no error")
    void severalBeginAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                Path fresh = Files.createDirectory(directory.resolve("d" + round));
                CyclicBarrier together = new CyclicBarrier(AT_ONCE);
                Callable<Long> begin = () -> {
                    TokenFile tokens = new TokenFile(
                            fresh, new FileModes(false, DirectoryGuard.effectiveUser()), Step.Observer.NONE);
                    together.await();
                    tokens.begin();
                    return tokens.last();
                };
                List<Future<Long>> last = new ArrayList<>();
                for (int i = 0; i < AT_ONCE; i++) {
                    last.add(threads.submit(begin));
                }
                for (Future<Long> found : last) {
                    assertThat(found.get()).isZero();
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
