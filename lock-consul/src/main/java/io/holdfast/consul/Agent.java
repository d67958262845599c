// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import com.google.gson.JsonParser;
import io.holdfast.LockException;
import io.holdfast.consul.Transport.Reply;
import io.holdfast.consul.Transport.Request;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.LockScheduler.Scheduled;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests to Consul by consul-api's raw client. Each blocks its caller, for as long as it may take and no longer; each is sent
 * once. Thread-safe.
 */
final class Agent {
    /** Consul answers a blocking query up to a sixteenth of its time late, by its own jitter. */
    private static final int JITTER = 16;

    private static final Duration BRIEF = Duration.ofSeconds(1);

    private static final String TOO_LATE = "it took longer than a request may";

    private final Transport transport;
    private final Failures failures;
    private final ConsulSettings settings;

    /** No two questions have one address, of any client: a cache on the way has no answer to either. */
    private final AtomicLong questions = new AtomicLong(new SecureRandom().nextLong() >>> 16);

    Agent(Transport transport, Failures failures, ConsulSettings settings) {
        this.transport = transport;
        this.failures = failures;
        this.settings = settings;
    }

    /**
     * Who asks.
     *
     * @param runtime whose time limits the request
     * @param call breaks it off
     * @param limit how long it may take
     * @param renewal whether it has connections of its own
     */
    record Asker(LockRuntime runtime, Call call, Duration limit, boolean renewal) {
        Asker(LockRuntime runtime, Call call, Duration limit) {
            this(runtime, call, limit, false);
        }
    }

    Asker asker(LockRuntime runtime) {
        return asker(runtime, new Call());
    }

    Asker asker(LockRuntime runtime, Call call) {
        return new Asker(runtime, call, settings.operationTimeout());
    }

    /** For what keeps a session: it waits behind nothing. */
    Asker renewing(LockRuntime runtime, Duration limit) {
        return new Asker(runtime, new Call(), limit, true);
    }

    /** For what is better done, and holds up who waits. */
    Asker brief(LockRuntime runtime) {
        Duration limit = settings.operationTimeout();
        return renewing(runtime, limit.compareTo(BRIEF) < 0 ? limit : BRIEF);
    }

    /** The next requests go to another server, where there are several. */
    void tryAnother() {
        transport.failed(transport.server());
    }

    /** A transaction. A refused one is an outcome like another, unless what is refused are our rights. */
    Txn.Outcome transact(Txn txn, String what, Asker asker) {
        // One that only checks is a read, which a new leader would answer before it has caught up.
        Reply reply = put("/v1/txn" + query("consistent"), txn.json(), what, asker);
        if (reply.status() != 200 && reply.status() != 409) {
            throw failures.refused(reply, what, true);
        }
        Txn.Outcome outcome = read(reply, what, Txn::outcome);
        for (Txn.Refusal refusal : outcome.refusals()) {
            if (Failures.isDenial(refusal.why())) {
                throw failures.denied(what, refusal.why());
            }
        }
        return outcome;
    }

    /** A request that changes something. */
    Reply put(String endpoint, String body, String what, Asker asker) {
        return send(new Request(endpoint, body), what, asker);
    }

    /** A question, which no cache answers, in the HTTP client that was lent or on the way (rule SP-9). */
    Reply get(String endpoint, String what, Asker asker) {
        String once = (endpoint.indexOf('?') < 0 ? "?" : "&") + "once=" + Long.toHexString(questions.incrementAndGet());
        return send(new Request(endpoint + once, null), what, asker);
    }

    /** All keys that begin with a text, as the leader of a majority has them now. */
    List<KeyEntry> entries(String start, String what, Asker asker) {
        return entries(get("/v1/kv/" + start + query("recurse&consistent"), what, asker), what);
    }

    /** One key, likewise; null when it is not there. */
    @Nullable
    KeyEntry entry(String key, String what, Asker asker) {
        List<KeyEntry> found = entries(get("/v1/kv/" + key + query("consistent"), what, asker), what);
        return found.isEmpty() ? null : found.get(0);
    }

    /** How many servers the datacenter has; empty when it is not said to us. */
    OptionalInt servers(String what, Asker asker) {
        Reply reply = get("/v1/status/peers" + query(""), what, asker);
        return reply.status() == 200
                ? OptionalInt.of(read(reply, what, body -> JsonParser.parseString(body)
                        .getAsJsonArray()
                        .size()))
                : OptionalInt.empty();
    }

    /**
     * Waits until a key, or the keys with a prefix, differ from an index, or for poll-interval. A hint only, unless it is consistent: then
     * the leader has asked a majority, and read the key after that.
     *
     * @param kind what else is asked for, such as {@code recurse&}
     */
    Reply await(String key, String kind, long index, Asker asker) {
        Duration wait = settings.pollInterval();
        Duration limit = wait.plus(wait.dividedBy(JITTER)).plus(settings.operationTimeout());
        String endpoint = "/v1/kv/" + key + query(kind + "index=" + index + "&wait=" + wait.toMillis() + "ms");
        return get(endpoint, "wait", new Asker(asker.runtime(), asker.call(), limit));
    }

    List<KeyEntry> entries(Reply reply, String what) {
        if (saysNone(reply)) {
            return List.of();
        }
        if (reply.status() != 200) {
            throw failures.refused(reply, what, false);
        }
        return read(reply, what, body -> Json.read(body, in -> Json.list(in, KeyEntry::read)));
    }

    /**
     * Whether Consul says that there is no such key: with the state in which there is none. A gateway that has no way to Consul for a
     * moment answers 404, too, and nothing more; who took that for an answer would leave his place in line, and his key in Consul.
     */
    static boolean saysNone(Reply reply) {
        return reply.status() == 404 && reply.body().isBlank() && reply.index() > 0;
    }

    <T> T read(Reply reply, String what, Function<String, T> parser) {
        try {
            return parser.apply(reply.body());
        } catch (LockException said) {
            throw said;
        } catch (RuntimeException e) { // Gson throws many kinds for what is no answer of Consul's
            throw failures.malformed(what);
        }
    }

    LockException refused(Reply reply, String what) {
        return failures.refused(reply, what, false);
    }

    /** Whether an answer was larger than we read. */
    static boolean isTooLarge(LockException failure) {
        return String.valueOf(failure.getMessage()).contains(LimitedAnswer.TOO_LARGE);
    }

    /** A query of ours and the datacenter's, neither of which needs an encoding. */
    String query(String ours) {
        String datacenter = settings.datacenter().map(name -> "dc=" + name).orElse("");
        String both = ours.isEmpty() || datacenter.isEmpty() ? ours + datacenter : ours + "&" + datacenter;
        return both.isEmpty() ? "" : "?" + both;
    }

    private Reply send(Request request, String what, Asker asker) {
        Call call = asker.call();
        if (call.broken() != null) {
            throw failures.unavailable(what, call.broken() + " before it was sent");
        }
        // An interrupt that came before must not break off what has to be
        // sent, such as a release (rule WA-2); one that comes now does.
        Scheduled alarm = alarm(asker);
        boolean interrupted = Thread.interrupted();
        int server = transport.server();
        try {
            Reply reply = transport.send(server, request, call, asker.limit(), asker.renewal());
            call.hasReached();
            if (reply.status() >= 500) {
                transport.failed(server); // without a leader, or cut off from it
            }
            return reply;
        } catch (RuntimeException e) { // whatever consul-api and HttpClient throw
            String broken = call.broken();
            if (broken == null || broken.equals(TOO_LATE)) {
                transport.failed(server);
            }
            if (!Failures.isBeforeSending(e)) {
                call.hasReached();
            }
            throw failures.unanswered(e, what, request.body() != null, broken);
        } finally {
            alarm.cancel();
            call.answered();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The connection's own limit is on each piece of an answer; this one is on the whole. */
    private static Scheduled alarm(Asker asker) {
        return asker.runtime()
                .scheduler()
                .schedule(() -> asker.call().breakOff(TOO_LATE), asker.limit().toNanos());
    }
}
