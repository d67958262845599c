// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.faults;

import io.holdfast.lab.proxy.Cut;
import io.holdfast.lab.proxy.TcpProxy;
import java.time.Duration;
import java.util.List;

/** A row of the matrix: what happens to a process, to the way, or to the server, and is over when {@link #strike} returns. */
enum MatrixFault {
    HOLDER_KILLED(1, "the holder's process is killed (SIGKILL)", Needs.NOTHING, true) {
        @Override
        void strike(Trial trial) throws Exception {
            Party holder = trial.holder();
            trial.struck(holder);
            holder.process().kill();
            trial.replace(holder);
        }
    },
    HOLDER_STOPPED(2, "the holder's process is stopped for three leases (SIGSTOP), and goes on", Needs.NOTHING, true) {
        @Override
        void strike(Trial trial) throws Exception {
            stop(trial, trial.holder(), 3);
        }
    },
    SERVER_KILLED(4, "the server is killed, and starts again with its data", Needs.A_SERVER, true) {
        @Override
        void strike(Trial trial) throws Exception {
            trial.holder();
            trial.ground().server().restart();
        }
    },
    SERVER_STOPPED(6, "the server is stopped for two leases, and goes on", Needs.A_SERVER, false) {
        @Override
        void strike(Trial trial) throws Exception {
            trial.holder();
            trial.ground().server().pause();
            trial.pass(2);
            trial.ground().server().resume();
        }
    },
    HOLDER_CUT_OFF(9, "no byte passes between the holder and the store for two leases", Needs.A_SERVER, true) {
        @Override
        void strike(Trial trial) throws Exception {
            cutOff(trial, trial.holder());
        }
    },
    WAITER_CUT_OFF(10, "no byte passes between a waiter and the store for two leases", Needs.A_SERVER, true) {
        @Override
        void strike(Trial trial) throws Exception {
            cutOff(trial, trial.other(trial.holder()));
        }
    },
    ONE_WAY(
            11,
            "what the holder sends is lost for two leases, then what it is sent; its connections stay open",
            Needs.A_SERVER,
            true) {
        @Override
        void strike(Trial trial) throws Exception {
            TcpProxy requests = trial.holder().link();
            requests.requests().blackHole();
            trial.pass(2);
            requests.heal();
            trial.everybodyIsServed(trial.ground().time().takeover());
            TcpProxy replies = trial.holder().link();
            replies.replies().blackHole();
            trial.pass(2);
            replies.heal();
        }
    },
    SLOW(12, "every byte is 50 to 150 ms late each way, for three leases", Needs.A_SERVER, false) {
        @Override
        void strike(Trial trial) throws Exception {
            for (Party party : trial.parties()) {
                party.link().requests().delay(Duration.ofMillis(50), Duration.ofMillis(100));
                party.link().replies().delay(Duration.ofMillis(50), Duration.ofMillis(100));
            }
            trial.pass(3);
            trial.parties().forEach(party -> party.link().heal());
        }
    },
    RESETS(15, "connections are reset amid requests and amid answers, twenty times", Needs.A_SERVER, true) {
        @Override
        void strike(Trial trial) throws Exception {
            for (int i = 0; i < RESET_TIMES; i++) {
                Party party = trial.parties().get(trial.random().nextInt(2));
                reset(trial, party);
                trial.pass(0.1);
            }
            trial.parties().forEach(party -> party.link().heal());
        }
    },
    WAITER_EXPIRED(
            19,
            "a waiter's process is stopped until its lease is surely over in the store, and goes on",
            Needs.NOTHING,
            true) {
        @Override
        void strike(Trial trial) throws Exception {
            Duration lease = trial.ground().time().lease();
            Duration over = trial.ground().capabilities().takeoverBound(lease);
            stop(trial, trial.other(trial.holder()), (double) over.toNanos() / lease.toNanos());
        }
    },
    FLAPPING(23, "a random one of the rows above, again and again, for a minute", Needs.A_SERVER, false) {
        @Override
        void strike(Trial trial) throws Exception {
            List<MatrixFault> rows = List.of(
                    HOLDER_STOPPED, SERVER_KILLED, HOLDER_CUT_OFF, WAITER_CUT_OFF, ONE_WAY, RESETS, WAITER_EXPIRED);
            long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (System.nanoTime() - end < 0) {
                rows.get(trial.random().nextInt(rows.size())).strike(trial);
                trial.everybodyIsServed(trial.ground().time().takeover());
            }
        }
    };

    private static final int RESET_TIMES = 20;
    private static final int RESET_WITHIN_BYTES = 400;

    /** What a store must have for it. */
    private enum Needs {
        NOTHING,
        A_SERVER
    }

    private final int row;
    private final String title;
    private final Needs needs;
    private final boolean always;

    MatrixFault(int row, String title, Needs needs, boolean always) {
        this.row = row;
        this.title = title;
        this.needs = needs;
        this.always = always;
    }

    /** Does the harm, and undoes what can be undone. */
    abstract void strike(Trial trial) throws Exception;

    int row() {
        return row;
    }

    String title() {
        return title;
    }

    /** Whether every check runs it, not only the long one. */
    boolean always() {
        return always;
    }

    boolean appliesTo(MatrixStore store) {
        return needs == Needs.NOTHING || store.spec() != null;
    }

    private static void stop(Trial trial, Party party, double leases) throws Exception {
        trial.struck(party);
        party.process().freeze();
        trial.pass(leases);
        party.process().thaw();
    }

    private static void cutOff(Trial trial, Party party) throws Exception {
        party.link().requests().freeze();
        party.link().replies().freeze();
        trial.pass(2);
        party.link().heal();
    }

    private static void reset(Trial trial, Party party) {
        long bytes = trial.random().nextInt(RESET_WITHIN_BYTES);
        if (trial.random().nextBoolean()) {
            party.link().requests().cutAfter(bytes, Cut.RESET);
        } else {
            party.link().replies().cutAfter(bytes, Cut.RESET);
        }
    }
}
