// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockConfigException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.Grant;
import io.holdfast.tck.internal.Await;
import io.holdfast.tck.internal.SpiClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** CF-5 of long leases: what was asked for is there, whoever looks, and not only the store's own default. */
abstract class LeasesKit extends SpiCase {
    /** Longer than what a store, or its author, takes for long enough: 10 s. */
    private static final long LONG_MILLIS = 10_400;

    /** Of clients that nothing renews; beside them those who come have a short lease of their own. */
    @Test
    @Proves({"CF-5", "ME-1", "OR-1"})
    void aLongLeaseIsNotCut() throws Exception {
        needsLease();
        SpiClient silent = spi();
        SpiClient renewed = spi();
        Map<String, Grant> held = new LinkedHashMap<>();
        Grant first = granted("CF-5", silent.contend(name(), false, null));
        held.put("that nothing renewed", first);
        Contender holding = renewed.contend(name(), false, null);
        held.put("that was renewed once", granted("CF-5", holding));
        done("KE-1", "a renewal", renewed.session().renew(List.of(holding)));
        Contender waiting = renewed.contend(first.name(), capabilities().queues(), null);
        answers("CF-5", capabilities().queues() ? Answer.WAITING : Answer.BUSY, waiting);
        long lease = time().longLease().toNanos();
        long until = basis(silent, first) + Math.min(time().scaled(LONG_MILLIS).toNanos(), lease / 5 * 4);
        Await.pass(Duration.ofNanos(until - System.nanoTime()));
        SpiClient brief = scene().spi(lease());
        for (Map.Entry<String, Grant> each : held.entrySet()) {
            Grant grant = each.getValue();
            Grant taken = done(
                    "CF-5", "a try", brief.contend(grant.name(), false, null).granted());
            check(
                    "CF-5",
                    taken == null || System.nanoTime() - basis(silent, first) > lease,
                    () -> "a lease of " + time().longLease() + " was asked for, and of one " + each.getKey()
                            + " the store gave the lock on, to a client whose own lease is " + lease() + ", after "
                            + Duration.ofNanos(System.nanoTime() - basis(silent, first)));
        }
        if (capabilities().queues()) {
            done("OR-1", "release", silent.session().release(first));
            granted("OR-1", waiting);
        }
    }

    /** In a range of leases some number overflows where one is twice the other, such as microseconds that are counted in 32 bits. */
    @Test
    @Proves({"CF-5", "SP-6"})
    void everyLeaseUpToTheLongestIsKept() throws Exception {
        needsLease();
        SpiClient other = spi();
        Duration longest = capabilities().maximumLease();
        Duration lease = time().longLease();
        isKept(spi(), lease, other);
        while (lease.compareTo(longest) < 0) {
            lease = lease.multipliedBy(2).compareTo(longest) < 0 ? lease.multipliedBy(2) : longest;
            SpiClient client = unlessRefused(lease);
            if (client == null) {
                return;
            }
            isKept(client, lease, other);
        }
    }

    /** A server may have a limit of its own, which is told when it is met: nothing is taken then. */
    private @Nullable SpiClient unlessRefused(Duration lease) throws Exception {
        try {
            return scene().spi(lease);
        } catch (ExecutionException failed) {
            for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
                if (cause instanceof LockConfigException) {
                    return null;
                }
            }
            throw failed;
        }
    }

    private void isKept(SpiClient client, Duration lease, SpiClient other) throws Exception {
        Duration served = client.session().lease();
        check("CF-5", served.equals(lease), () -> "a lease of " + lease + " was asked for, and is " + served);
        Contender holding = client.contend(name(), false, null);
        Grant grant = granted("CF-5", holding);
        isThere(lease, other, grant, "was taken");
        done("KE-1", "a renewal", client.session().renew(List.of(holding)));
        isThere(lease, other, grant, "was renewed");
        check("CF-5", done("UO-3", "release", client.session().release(grant)), () -> grant + " was gone");
    }

    private void isThere(Duration lease, SpiClient other, Grant grant, String what) throws Exception {
        Answer answer =
                done("CF-5", "a try", other.contend(grant.name(), false, null).answered());
        check(
                "CF-5",
                answer == Answer.BUSY,
                () -> "a lock " + what + " with a lease of " + lease
                        + ", and at once another client's try was answered " + answer);
    }
}
