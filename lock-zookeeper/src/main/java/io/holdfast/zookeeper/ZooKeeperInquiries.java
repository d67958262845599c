// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import io.holdfast.ForceOutcome;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.StoredLock;
import io.holdfast.spi.line.Inquiries;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Who holds what, and taking it from them: asked over whatever link there is. */
final class ZooKeeperInquiries implements Inquiries {
    private final ZooKeeperLine line;
    private final LockPaths paths;

    ZooKeeperInquiries(ZooKeeperLine line, LockPaths paths) {
        this.line = line;
        this.paths = paths;
    }

    @Override
    public CompletionStage<StoredLock> inspect(String name, LockRuntime limits) {
        return looked("inspect", limits, look -> look.inspect(name));
    }

    @Override
    public CompletionStage<List<StoredLock>> list(LockRuntime limits) {
        return looked("list", limits, Lookup::list);
    }

    @Override
    public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken, LockRuntime limits) {
        return looked("release by force", limits, look -> look.forceRelease(name, storeToken));
    }

    private <T> CompletionStage<T> looked(
            String what, LockRuntime limits, Function<Lookup, CompletableFuture<T>> question) {
        return line.asked(limits, link -> {
            Lookup look = new Lookup(link.requests(), paths);
            return link.requests().limit(question.apply(look), what, limits);
        });
    }
}
