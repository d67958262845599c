// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.sim;

/** What is wrong with the network between one client and the store. Faults of one kind may overlap, so they are counted. */
final class LinkFaults {
    private int requestsCut;
    private int repliesCut;
    private int slow;
    private long slowness;
    private int slowReplies;
    private long replySlowness;
    private int lossy;
    private int copying;
    private int renewalsToBreak;
    private int noRenewals;
    private int renewalsBroken;

    void cutRequests(boolean begins) {
        requestsCut += begins ? 1 : -1;
    }

    void cutReplies(boolean begins) {
        repliesCut += begins ? 1 : -1;
    }

    /** Delays each message by up to so much; a shorter slowness does not end a longer one. */
    void slow(boolean begins, long upTo) {
        slow += begins ? 1 : -1;
        slowness = slow == 0 ? 0 : Math.max(slowness, upTo);
    }

    /** Delays each reply by up to so much. */
    void slowReplies(boolean begins, long upTo) {
        slowReplies += begins ? 1 : -1;
        replySlowness = slowReplies == 0 ? 0 : Math.max(replySlowness, upTo);
    }

    void lossy(boolean begins) {
        lossy += begins ? 1 : -1;
    }

    void copying(boolean begins) {
        copying += begins ? 1 : -1;
    }

    /** Has the store client throw at the next renewal. */
    void breakRenewal() {
        renewalsToBreak++;
    }

    /** Has it throw at every renewal. */
    void breakRenewals(boolean begins) {
        noRenewals += begins ? 1 : -1;
    }

    boolean breaksRenewal() {
        if (renewalsToBreak == 0 && noRenewals == 0) {
            return false;
        }
        renewalsToBreak = Math.max(0, renewalsToBreak - 1);
        renewalsBroken++;
        return true;
    }

    int renewalsBroken() {
        return renewalsBroken;
    }

    boolean losesRequest(SimRandom random) {
        return requestsCut > 0 || random.chance(lossy > 0 ? 0.3 : 0);
    }

    boolean losesReply(SimRandom random) {
        return repliesCut > 0 || random.chance(lossy > 0 ? 0.3 : 0);
    }

    boolean copies(SimRandom random) {
        return copying > 0 && random.chance(0.5);
    }

    long replyDelay(SimRandom random) {
        return replySlowness == 0 ? 0 : random.between(0, replySlowness);
    }

    long delay(SimRandom random) {
        return slowness == 0 ? 0 : random.between(0, slowness);
    }
}
