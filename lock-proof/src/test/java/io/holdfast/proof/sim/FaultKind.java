// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

/** What can be made to go wrong. */
enum FaultKind {
    // One client's network.
    CUT(Scope.CLIENT, true),
    CUT_REQUESTS(Scope.CLIENT, true),
    CUT_REPLIES(Scope.CLIENT, true),
    /** Each message takes up to {@code amount} longer. */
    SLOW(Scope.CLIENT, true),
    /** Each reply takes up to {@code amount} longer. */
    SLOW_REPLIES(Scope.CLIENT, true),
    LOSSY(Scope.CLIENT, true),
    /** Requests arrive twice, the second time at once or after their undo. Harms nobody. */
    COPIES(Scope.CLIENT, false),

    // One client's process.
    PAUSE(Scope.CLIENT, true),
    /** The process dies; another one starts after the duration. */
    CRASH(Scope.CLIENT, true),
    /** The wall clock jumps by {@code amount} milliseconds. Harms nobody. */
    WALL_STEP(Scope.CLIENT, false),
    /** The store client throws at the next renewal. Harms nobody. */
    BREAK_RENEWAL(Scope.CLIENT, false),
    /** The store client throws at every renewal; all else goes through. */
    NO_RENEWALS(Scope.CLIENT, true),

    // The store.
    STORE_PAUSE(Scope.STORE, true),
    STORE_CRASH(Scope.STORE, true),
    ELECTION(Scope.STORE, true),
    /** An administrator removes the holder of a name. */
    FORCE_RELEASE(Scope.NAME, false),

    // etcd, Consul.
    /** A leader is replaced after {@code amount}, and some clients go on speaking to it. */
    DEPOSE(Scope.STORE, true),

    // ZooKeeper.
    /** A follower is cut off from the leader; it gives up after {@code amount}. */
    UNLINK(Scope.FOLLOWER, true),
    /** A follower dies. */
    DROP(Scope.FOLLOWER, true),

    // Redis.
    EVICT(Scope.NAME, true),
    /** A replica takes over that is {@code amount} behind. */
    FAIL_OVER(Scope.STORE, true),
    STORE_WALL_STEP(Scope.STORE, true);

    /** What a fault hits. */
    enum Scope {
        CLIENT,
        STORE,
        FOLLOWER,
        NAME
    }

    private final Scope scope;
    private final boolean disturbs;

    FaultKind(Scope scope, boolean disturbs) {
        this.scope = scope;
        this.disturbs = disturbs;
    }

    Scope scope() {
        return scope;
    }

    /** Whether a hold may be lost, or a wait delayed, because of it. */
    boolean disturbs() {
        return disturbs;
    }

    /** Whether it makes the store end a grant before its lease, which only a store of class B may do. */
    boolean breaksTheLease() {
        return this == EVICT || this == FAIL_OVER || this == STORE_WALL_STEP;
    }
}
