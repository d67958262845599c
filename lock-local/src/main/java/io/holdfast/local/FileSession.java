// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import io.holdfast.LockException;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockClock;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionEvents;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.SpentIds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A client's session in a directory. Its methods hand their work to the store's thread, which does it in the order in which it was
 * handed in: so a withdraw never overtakes its own contend, nor a contend the release before it.
 */
final class FileSession implements LockSession {
    private static final System.Logger LOG = System.getLogger(FileSession.class.getName());
    private static final long LOOK_NANOS = 200_000_000;
    private static final long LONGEST_LOOK_NANOS = 2_000_000_000;
    private static final int PER_STEP = 8;

    final FileBackend backend;
    private final FileStore store;
    private final OpenSession files;
    private final SessionOptions options;
    private final SessionEvents events;
    private final LockClock clock;
    private final Map<Long, FileContender> contenders = new ConcurrentHashMap<>();
    private volatile long basis;

    // What follows belongs to the store's thread.
    private final Map<Long, FileContender> waiting = new LinkedHashMap<>();
    private final SpentIds spent = new SpentIds();
    private @Nullable LockException trouble;
    private boolean ended;

    FileSession(FileBackend backend, OpenSession files, SessionOptions options, SessionEvents events) {
        this.backend = backend;
        this.store = backend.files();
        this.files = files;
        this.options = options;
        this.events = events;
        this.clock = options.runtime().clock();
        this.basis = clock.nanoTime();
    }

    @Override
    public String id() {
        return files.id;
    }

    @Override
    public Duration lease() {
        return options.lease();
    }

    @Override
    public long basis() {
        return basis;
    }

    @Override
    public Contender contend(LockRequest request) {
        FileContender contender = new FileContender(this, request, clock.nanoTime());
        FileContender known = contenders.putIfAbsent(request.contenderId(), contender);
        if (known != null) { // a repeated request takes no second place (rule UO-4)
            return known;
        }
        String what = Shown.lock(request.name());
        store.run(() -> enter(contender), e -> contender.failed(store.trouble(e, what)));
        return contender;
    }

    @Override
    public CompletionStage<Boolean> release(Grant grant) {
        return store.ask("the release of " + Shown.lock(grant.name()), () -> free(grant));
    }

    CompletionStage<@Nullable Void> withdraw(FileContender contender) {
        String what = "giving up a place for " + Shown.lock(contender.request().name());
        return store.order(what, () -> drop(contender));
    }

    @Override
    public CompletionStage<Renewal> renew(Collection<Contender> asked) {
        long sentAt = clock.nanoTime();
        return store.ask("the renewal of a session", () -> renewed(asked, sentAt));
    }

    @Override
    public CompletionStage<@Nullable Void> close() {
        return store.order("closing a session", this::end);
    }

    private void enter(FileContender contender) {
        LockRequest request = contender.request();
        Path freed = null;
        try {
            Grant given = request.releasing();
            if (given != null) {
                freed = removed(given);
                contender.gaveUp(freed != null);
            }
            loseIfGone();
            if (ended || spent.contains(request.contenderId())) {
                throw new LockUnavailableException(ended ? gone() : request + " was sent again after it was given up");
            }
            contender.unsure = true; // until it is known what became of it
            contender.took(store.directory().contend(files, request.name(), request.contenderId(), request.enqueue()));
        } catch (Throwable e) { // any: one that came behind the record has left a hold that must not stay
            contender.failed(store.trouble(e, Shown.lock(request.name())));
            if (freed != null) {
                pass(freed); // the contend would have done it
            }
        }
        if (contender.file == null && !contender.unsure) {
            forget(contender);
        } else if (!contender.unsure && contender.grant == null) {
            contender.lookedAt = System.nanoTime();
            waiting.put(request.contenderId(), contender);
        }
    }

    private boolean free(Grant grant) throws IOException {
        Path file = removed(grant);
        if (file == null) {
            return false;
        }
        pass(file);
        return true;
    }

    /** Removes a grant's file, if it is this very grant's; the file's name says so, too (rule UO-3). */
    private @Nullable Path removed(Grant grant) throws IOException {
        FileContender holder = contenders.get(grant.contenderId());
        if (holder == null || holder.grant == null || !sameGrant(holder.grant, grant) || holder.file == null) {
            return null;
        }
        Path file = holder.file;
        boolean wasThere = store.directory().leave(file);
        forget(holder);
        return wasThere ? file : null;
    }

    private static boolean sameGrant(Grant one, Grant other) {
        return one.storeToken() == other.storeToken() && one.name().equals(other.name());
    }

    private void drop(FileContender contender) throws IOException {
        Path file = contender.file;
        LockRequest request = contender.request();
        if (contender.unsure) {
            store.directory().erase(files, request.name(), request.contenderId());
        } else if (file != null) {
            store.directory().leave(file);
            pass(file);
        }
        forget(contender);
    }

    /** The lock is free already: what fails here costs the next in line the interval at which it looks by itself (WA-7). */
    private void pass(Path file) {
        try {
            store.directory().pass(file);
        } catch (IOException | RuntimeException e) { // a directory that came to others' hands is refused, unchecked
            LOG.log(System.Logger.Level.WARNING, "in " + store.address() + " nobody was told of a release", e);
        }
    }

    private void forget(FileContender contender) {
        long id = contender.request().contenderId();
        contender.ended();
        contenders.remove(id, contender);
        waiting.remove(id, contender);
        spent.add(id);
    }

    private Renewal renewed(Collection<Contender> asked, long sentAt) throws IOException {
        LockDirectory directory = store.directory();
        loseIfGone();
        if (ended) {
            throw new LockUnavailableException(gone());
        }
        directory.beat(files);
        keep();
        if (trouble != null) {
            LockException failed = trouble;
            trouble = null; // the next look tells whether it lasts
            throw failed;
        }
        Map<Long, ContenderStatus> statuses = new HashMap<>();
        for (Contender contender : asked) {
            FileContender known = contenders.get(contender.request().contenderId());
            if (known != null && known.file != null && !known.unsure && directory.isGone(known.file)) {
                forget(known); // forced open, or passed over while this process was stopped
                known = null;
            }
            statuses.put(contender.request().contenderId(), known == null ? ContenderStatus.GONE : known.status());
        }
        if (sentAt - basis > 0) {
            basis = sentAt;
        }
        return new Renewal(sentAt, statuses);
    }

    /** Before each contend, too: whoever holds in a session that counts as dead holds nothing. */
    private void loseIfGone() throws IOException {
        if (!ended && !store.directory().isIntact(files)) {
            lose("its files in " + store.address() + " were removed");
        }
    }

    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    boolean hasDue() {
        return waiting.values().stream().anyMatch(c -> c.due);
    }

    /** Marks a contender for the next round. */
    void ring(long contender) {
        FileContender rung = waiting.get(contender);
        if (rung != null) {
            rung.due = true;
        }
    }

    /** Looks after those that were rung for, and at times after the others. Returns whether somebody holds now. */
    boolean attend(Predicate<FileContender> wanted) {
        boolean granted = false;
        for (FileContender contender : List.copyOf(waiting.values())) {
            if (wanted.test(contender)) {
                granted |= look(contender);
            }
        }
        return granted;
    }

    void hear() throws IOException {
        SessionFiles.takeRings(files).forEach(this::ring);
    }

    /** Whoever is far back in the line looks less often: whoever is before them looks, too. */
    static boolean isOverdue(FileContender contender, long now) {
        long interval = LOOK_NANOS * (1 + contender.before / PER_STEP);
        return contender.due || now - contender.lookedAt >= Math.min(LONGEST_LOOK_NANOS, interval);
    }

    private boolean look(FileContender contender) {
        contender.due = false;
        contender.lookedAt = System.nanoTime();
        Path file = contender.file;
        if (file == null) {
            return false;
        }
        try {
            contender.unsure = true; // a failure may come behind the renaming
            Turn turn = store.directory().look(file);
            if (turn.file() == null) {
                forget(contender); // passed over while this process was stopped: the engine contends anew
            } else {
                contender.took(turn);
            }
            if (turn.holds()) {
                waiting.remove(contender.request().contenderId());
            }
            trouble = null;
            return turn.holds();
        } catch (Throwable e) {
            String what = "waiting for " + Shown.lock(contender.request().name());
            trouble = store.trouble(e, what); // the next renewal reports it
            return false;
        }
    }

    /** Removes all that the session has. What cannot be removed now is, when this is called again. */
    void end() throws IOException {
        if (ended) {
            return;
        }
        for (FileContender contender : new ArrayList<>(contenders.values())) {
            drop(contender);
        }
        store.directory().close(files);
        ended = true;
        store.forget(this);
    }

    /** Touches its files at times: what nobody touches for days is removed from temporary directories. */
    void keep() {
        try {
            store.directory().keep(files, kept -> {
                for (FileContender contender : contenders.values()) {
                    Path file = contender.file;
                    if (file != null) {
                        kept.accept(file);
                    }
                }
            });
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "files of session " + id() + " in " + store.address() + " stay old", e);
        }
    }

    /**
     * Tells the client that the session is over, and ends it: in this order, as what is removed frees locks that the client thinks it
     * holds (rule ME-6).
     */
    void lose(String why) {
        try {
            events.sessionLost("session " + id() + " (" + options.label() + ") ended: " + why);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a client of " + store.address() + " failed to take its loss", e);
        } finally {
            try {
                end();
            } catch (IOException | RuntimeException e) { // as above: what is refused must not keep what we hold
                LOG.log(
                        System.Logger.Level.WARNING,
                        "ending session " + id() + " in " + store.address() + " failed",
                        e);
                ended = true;
                store.forget(this);
                store.directory().abandon(files);
            }
        }
    }

    private String gone() {
        return "session " + id() + " in " + store.address() + " has ended, and what it held is free; open another";
    }
}
