// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.DurationFormat;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.Call;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** OP with a hand on the link; skipped, with the reason, where the fixture has none. */
@Alone
abstract class OpeningKit extends Kit {
    private static final int SHARE_OF_TEN = 6;

    private LockConfig hurried(LockConfig config) {
        return config.withConnectTimeout(patience()).withOperationTimeout(time().scaled(500));
    }

    /** Half of the time is what a try may take: by then at least one has failed. */
    @Test
    @Proves("OP-1")
    void aClientIsOpenedWhenNothingGotThroughForAWhile() throws Exception {
        faults().holdRequests();
        Call<LockClient> opening = begin(() -> asIfByTheEngine(patience()));
        Await.pass(patience().dividedBy(10).multipliedBy(SHARE_OF_TEN));
        check(
                "OP-1",
                !opening.isDone(),
                () -> "opening ended while nothing got through, long before connect-timeout: " + how(opening));
        faults().heal();
        LockClient client = result("OP-1", patience(), "opening, after the link was healed,", opening);
        hold("OP-1", client, name()).release();
    }

    @Test
    @Proves({"OP-1", "ER-1"})
    void openingEndsInTimeWhenNothingGetsThrough() throws Exception {
        faults().holdRequests();
        long begun = System.nanoTime();
        Duration limit = patience().dividedBy(2);
        Call<LockClient> opening = begin(() -> asIfByTheEngine(limit));
        LockUnavailableException failure =
                thrown("OP-1", LockUnavailableException.class, "opening while nothing gets through", opening);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        check(
                "OP-1",
                took.compareTo(limit.multipliedBy(2).plus(time().scaled(2000))) < 0,
                () -> "opening took " + DurationFormat.show(took) + " with a connect-timeout of "
                        + DurationFormat.show(limit));
        check("ER-1", says(failure, "store "), () -> "opening failed with " + failure);
    }

    /**
     * A provider that connects is asked again by the engine, which does not make the backend here. What fails near the limit has failed in
     * the engine's own last try.
     */
    private LockClient asIfByTheEngine(Duration limit) throws Exception {
        long begun = System.nanoTime();
        long last = limit.multipliedBy(3).dividedBy(4).toNanos();
        while (true) {
            try {
                return client(config -> hurried(config).withConnectTimeout(limit));
            } catch (LockUnavailableException mayPass) {
                if (System.nanoTime() - begun >= last) {
                    throw mayPass;
                }
                Await.pass(time().moment().dividedBy(4));
            }
        }
    }

    private static String how(Call<LockClient> opening) {
        try {
            return String.valueOf(opening.get(Duration.ZERO));
        } catch (Exception failure) {
            return String.valueOf(failure.getCause());
        }
    }
}
