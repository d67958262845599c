// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.GroupHandle;
import io.holdfast.LockClient;
import io.holdfast.LockHandle;
import io.holdfast.LockOptions;
import io.holdfast.LockTimeoutException;
import io.holdfast.tck.internal.Call;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** MU: several locks taken together. */
abstract class GroupKit extends Kit {
    @Test
    @Proves("MU-1")
    void namesAreTakenInTheOrderOfTheirBytesEachOnce() throws Exception {
        String stem = name();
        // As UTF-16 the surrogates of the last name sort before the character before it; as bytes they do not.
        List<String> ordered = List.of(stem + "-B", stem + "-a", stem + "-\uff5e", stem + "-\ud83d\ude00");
        LockClient client = client();
        List<String> mixed =
                List.of(ordered.get(3), ordered.get(1), ordered.get(0), ordered.get(2), ordered.get(1), ordered.get(3));
        check(
                "MU-1",
                client.all(mixed).names().equals(ordered),
                () -> "the order is " + client.all(mixed).names());
        try (GroupHandle group = result("MU-1", patience(), "taking a group", begin(() -> client.all(mixed)
                .acquire()))) {
            List<String> taken = group.handles().stream().map(LockHandle::name).toList();
            check("MU-1", taken.equals(ordered), () -> "taken were " + taken);
            check("MU-1", group.isValid(), () -> "a new group is not valid");
            LockClient other = client();
            for (String name : ordered) {
                check("MU-1", other.tryAcquire(name).isEmpty(), () -> "a member of the group is free");
            }
        }
        LockClient other = client();
        for (String name : ordered) {
            free("MU-1", other, name);
        }
    }

    @Test
    @Proves({"MU-1", "WA-1"})
    void aBusyMemberGivesEverythingBackWithinOneLimit() throws Exception {
        String stem = name();
        List<String> names = List.of(stem + "-1", stem + "-2", stem + "-3");
        LockClient busy = client();
        hold("MU-1", busy, names.get(1));
        hold("MU-1", busy, names.get(2));
        LockClient client = client();
        Duration limit = time().moment().multipliedBy(2);
        long begun = System.nanoTime();
        throwing("MU-1", LockTimeoutException.class, "a group with two busy members", () -> client.all(names)
                .acquire(LockOptions.defaults().waitLimit(limit)));
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        check("WA-1", took.compareTo(limit) >= 0, () -> "the group gave up after " + took + " of " + limit);
        check("MU-1", client.metrics().held() == 0, () -> "a group that failed holds: " + client.metrics());
        free("MU-1", client(), names.get(0));
        check(
                "MU-1",
                client.all(names).tryAcquire(Duration.ZERO).isEmpty(),
                () -> "a group with busy members was given");
    }

    @Test
    @Proves("MU-1")
    void groupsThatOverlapDoNotLockEachOtherOut() throws Exception {
        String stem = name();
        LockClient first = client();
        LockClient second = client();
        Call<Integer> one = begin(() -> rounds(first, List.of(stem + "-a", stem + "-b", stem + "-c")));
        Call<Integer> two = begin(() -> rounds(second, List.of(stem + "-c", stem + "-b", stem + "-a")));
        result("MU-1", patience().multipliedBy(2), "a group that overlaps with another", one);
        result("MU-1", patience().multipliedBy(2), "a group that overlaps with another", two);
    }

    private static int rounds(LockClient client, List<String> names) throws InterruptedException {
        int rounds = 0;
        while (rounds < 20) {
            try (GroupHandle group = client.all(names).acquire()) {
                rounds += group.isValid() ? 1 : 0;
            }
        }
        return rounds;
    }
}
