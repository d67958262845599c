// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.spi.Contender;
import io.holdfast.spi.Contender.Answer;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import io.holdfast.tck.internal.KitRuntime;
import io.holdfast.tck.internal.SpiClient;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** UO-2, UO-3 and RE-6 of ids of which the one is a part of the other, such as 1 and 10: as texts in a store they may be taken for each other. */
abstract class IdsKit extends SpiCase {
    /** As texts the earlier begins or ends the later one, or stands in its middle. */
    private static final List<Pair> PAIRS =
            List.of(new Pair(1, 10), new Pair(1, 21), new Pair(12, 123), new Pair(7, 4071), new Pair(255, 65535));

    private static final long ENOUGH_MILLIS = 1500;
    private static final int ENOUGH = 3000;
    private static final int A_FEW = 20;

    /** So many signs of an id are no number that counts up. */
    private static final int LOT = 16;

    private final AtomicLong numbers = new AtomicLong();

    private record Pair(long early, long late) {}

    private Contender contend(SpiClient client, String name, long id, boolean enqueue) {
        Contender contender = client.session().contend(LockRequest.exclusive(name, id, enqueue, null));
        SpiClient.start(contender);
        return contender;
    }

    private static String words(Pair pair) {
        return " (contenders " + pair.early() + " and " + pair.late() + " of one session)";
    }

    /** What was given back or given up is the earlier one, and nothing that names it touches the later one. */
    @Test
    @Proves({"UO-2", "UO-3"})
    void whatIsOverIsNotTheLaterOfALongerNumber() throws Exception {
        List<SpiClient> clients = spis(PAIRS.size());
        SpiClient other = spi();
        for (Pair pair : PAIRS) {
            SpiClient client = clients.get(PAIRS.indexOf(pair));
            Contender early = contend(client, name(), pair.early(), true);
            Grant old = granted("UO-3", early);
            check("UO-3", done("UO-3", "release", client.session().release(old)), () -> old + " was gone");
            Grant held = takes(client, old.name(), pair, "was released");
            done("UO-3", "a late release", client.session().release(old));
            stillHeld("UO-3", other, held, "a late release of the earlier" + words(pair));
            done("UO-2", "withdraw()", early.withdraw());
            stillHeld("UO-2", other, held, "a withdrawal of the earlier" + words(pair));
            if (knowsCopies(client)) {
                Contender copy = repeated(client, early);
                check(
                        "UO-2",
                        !isGranted(copy),
                        () -> "a copy of an earlier contender that is over was granted" + words(pair));
                stillHeld("UO-2", other, held, "a copy of the earlier" + words(pair));
            }
            check("UO-3", done("UO-3", "release", client.session().release(held)), () -> held + " was gone");
        }
    }

    private Grant takes(SpiClient client, String name, Pair pair, String what) throws Exception {
        Contender late = contend(client, name, pair.late(), true);
        Grant grant = done("UO-2", "the grant of " + late.request(), late.granted());
        check(
                "UO-2",
                grant != null,
                () -> "the earlier contender " + what + ", and the later one is refused" + words(pair) + why(late));
        return grant;
    }

    private static boolean isGranted(Contender contender) {
        return contender
                        .answered()
                        .toCompletableFuture()
                        .handle((answer, failure) -> answer)
                        .join()
                == Answer.GRANTED;
    }

    /** The earlier one holds: the later one is another contender, and leaves by itself. */
    @Test
    @Proves({"ME-1", "UO-2"})
    void whoComesIsNotTheEarlierOfAShorterNumber() throws Exception {
        List<SpiClient> clients = spis(PAIRS.size());
        SpiClient other = spi();
        for (Pair pair : PAIRS) {
            SpiClient client = clients.get(PAIRS.indexOf(pair));
            Grant held = granted("ME-1", contend(client, name(), pair.early(), true));
            Contender late =
                    contend(client, held.name(), pair.late(), capabilities().queues());
            Answer answer = done("ME-1", "the answer to " + late.request(), late.answered());
            check(
                    "ME-1",
                    answer != Answer.GRANTED,
                    () -> "the earlier contender holds, and the later one is granted" + words(pair));
            done("UO-2", "withdraw()", late.withdraw());
            stillHeld("UO-2", other, held, "a withdrawal of the later" + words(pair));
            check("UO-3", done("UO-3", "release", client.session().release(held)), () -> held + " was gone");
        }
    }

    /** The later one waits for what the earlier one holds, and gives back or gives up: whose turn it is then is in line still. */
    @Test
    @Proves({"UO-2", "UO-3"})
    void whoWaitsBehindAShorterNumberKeepsItsPlace() throws Exception {
        queued();
        for (boolean released : new boolean[] {true, false}) {
            List<SpiClient> clients = spis(PAIRS.size());
            for (Pair pair : PAIRS) {
                SpiClient client = clients.get(PAIRS.indexOf(pair));
                Contender early = contend(client, name(), pair.early(), true);
                Grant held = granted("UO-3", early);
                Contender late = contend(client, held.name(), pair.late(), true);
                answers("UO-3", Answer.WAITING, late);
                if (released) {
                    done("UO-3", "release", client.session().release(held));
                } else {
                    done("UO-2", "withdraw()", early.withdraw());
                }
                StoredLock stored = done("UO-2", "inspect", client.backend().inspect(held.name()));
                check(
                        "UO-2",
                        stored.contenders() == 1,
                        () -> "the earlier contender has gone, and the store shows " + stored
                                + " instead of the later one" + words(pair));
                Grant next = granted("UO-3", late);
                check("UO-3", done("UO-3", "release", client.session().release(next)), () -> next + " was gone");
            }
        }
    }

    /** On a line that undoes: the request of the earlier one was not answered. */
    @Test
    @Proves("UO-2")
    void whatIsUndoneIsNotTheLaterOfALongerNumber() throws Exception {
        SpiClient other = spi();
        Grant held = granted("UO-2", other.contend(name(), true, null));
        Undone undone = unanswered(held.name());
        Contender late = contend(undone.client(), held.name(), 10, true); // the first one's number is 1
        answers("OR-1", Answer.WAITING, late);
        undone.confirmed();
        StoredLock stored = done("UO-2", "inspect", other.backend().inspect(held.name()));
        check(
                "UO-2",
                stored.contenders() == 2,
                () -> "the undo of contender 1 was confirmed, and the store shows " + stored
                        + " instead of the holder and contender 10 of the same session");
        check("UO-3", done("UO-3", "release", other.session().release(held)), () -> held + " was gone");
        granted("UO-2", late);
    }

    /** The earlier one was released by force, and the later one holds. */
    @Test
    @Proves({"LO-5", "UO-2"})
    void aRenewalTellsALongerNumberFromAShorterOne() throws Exception {
        List<SpiClient> clients = spis(PAIRS.size());
        SpiClient other = spi();
        for (Pair pair : PAIRS) {
            SpiClient client = clients.get(PAIRS.indexOf(pair));
            Contender early = contend(client, name(), pair.early(), true);
            Grant forced = granted("LO-5", early);
            done("IN-3", "forceRelease", other.backend().forceRelease(forced.name(), OptionalLong.empty()));
            Contender late = contend(client, forced.name(), pair.late(), true);
            Grant held = granted("LO-5", late);
            Renewal renewal = done("LO-5", "a renewal", client.session().renew(List.of(early, late)));
            check(
                    "LO-5",
                    !(renewal.statuses().get(pair.early()) instanceof ContenderStatus.Holding),
                    () -> "the earlier contender was released by force, the later one holds, and a renewal says "
                            + renewal + words(pair));
            check(
                    "KE-1",
                    !(renewal.statuses().get(pair.late()) instanceof ContenderStatus.Gone),
                    () -> "a renewal calls a hold gone: " + renewal + words(pair));
            done("UO-2", "withdraw()", early.withdraw());
            stillHeld("UO-2", other, held, "a withdrawal of the earlier, which was released by force," + words(pair));
            check("UO-3", done("UO-3", "release", client.session().release(held)), () -> held + " was gone");
        }
    }

    /** A store may number its sessions: who ends is not another one whose number begins with it, or ends. */
    @Test
    @Proves({"RE-6", "CL-1"})
    void whoseSessionEndsIsNotOneOfALongerId() throws Exception {
        SpiClient other = spi();
        List<LockSession> alike = alike(other.backend());
        claims(alike.size() == 2, "no id of a session is a part of another one's");
        LockSession ending = alike.get(0);
        LockSession living = alike.get(1);
        Grant held = granted("RE-6", contend(living, name(), true));
        Grant waited = granted("RE-6", other.contend(name(), true, null));
        Contender waiting = contend(living, waited.name(), capabilities().queues());
        answers("RE-6", capabilities().queues() ? Answer.WAITING : Answer.BUSY, waiting);
        Contender refused = contend(ending, held.name(), false);
        answers("RE-6", Answer.BUSY, refused);
        done("CL-1", "close()", ending.close());
        String after = "the end of session " + ending.id() + ", beside session " + living.id() + ",";
        stillHeld("CL-1", other, held, after);
        StoredLock line = done("CL-1", "inspect", other.backend().inspect(waited.name()));
        check(
                "CL-1",
                line.contenders() == (capabilities().queues() ? 2 : 1),
                () -> after + " touched a place in line: the store shows " + line);
    }

    private Contender contend(LockSession session, String name, boolean enqueue) {
        Contender contender = session.contend(LockRequest.exclusive(name, numbers.incrementAndGet(), enqueue, null));
        SpiClient.start(contender);
        return contender;
    }

    /** Two of which the one's id is a part of the other one's; none when the store's ids are no such numbers. */
    private List<LockSession> alike(LockBackend backend) throws Exception {
        List<LockSession> opened = new CopyOnWriteArrayList<>();
        KitRuntime runtime = scene().runtime(); // before: what closes the sessions needs it
        String label = name();
        scene().keep(() -> {
            for (LockSession session : opened) {
                session.close().toCompletableFuture().join();
            }
        });
        long begun = System.nanoTime();
        return result("RE-6", patience(), "opening many sessions", begin(() -> {
            List<LockSession> seen = new ArrayList<>();
            while (seen.size() < ENOUGH && isQuick(seen.size(), begun)) {
                SessionOptions options = new SessionOptions(time().longLease(), label, runtime);
                LockSession next = backend.openSession(options, new SpiClient(backend))
                        .toCompletableFuture()
                        .get();
                seen.add(next);
                for (LockSession before : seen.subList(0, seen.size() - 1)) {
                    if (next.id().startsWith(before.id()) || next.id().endsWith(before.id())) {
                        opened.addAll(seen);
                        return List.of(before, next);
                    }
                }
                if (seen.size() > 1 && next.id().length() >= LOT) {
                    break; // drawn by lot, or counted with leading zeros
                }
            }
            opened.addAll(seen);
            return List.of();
        }));
    }

    /** Where each is a request to a server, a few are opened and no more. */
    private boolean isQuick(int opened, long begun) {
        long millis = opened < A_FEW ? ENOUGH_MILLIS : Math.min(ENOUGH_MILLIS, 10L * opened);
        return System.nanoTime() - begun < time().scaled(millis).toNanos();
    }
}
