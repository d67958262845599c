// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

import io.holdfast.ForceOutcome;
import io.holdfast.LockConfig;
import io.holdfast.LockUnavailableException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Contender;
import io.holdfast.spi.ContenderStatus;
import io.holdfast.spi.Grant;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRequest;
import io.holdfast.spi.LockSession;
import io.holdfast.spi.Renewal;
import io.holdfast.spi.SessionOptions;
import io.holdfast.spi.StoredLock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Names that become keys by a rule which is not one to one. */
abstract class NameFault implements Fault {
    /** By key, the name it was last made of. */
    private final Map<String, String> names = new ConcurrentHashMap<>();

    abstract String key(String prefix, String name);

    /** Whether a list under the prefix shows what has the key. */
    boolean lists(String prefix, String key) {
        return key.startsWith(prefix + "/");
    }

    /** A store that does not tell capital letters from small ones. */
    static final class IgnoresCase extends NameFault {
        @Override
        String key(String prefix, String name) {
            return prefix + "/" + name.toLowerCase(Locale.ROOT);
        }
    }

    /** A collation that takes the digits of all scripts for the same. */
    static final class ReadsDigits extends NameFault {
        @Override
        String key(String prefix, String name) {
            StringBuilder key = new StringBuilder(prefix).append('/');
            name.codePoints()
                    .map(each -> Character.isDigit(each) ? '0' + Character.digit(each, 10) : each)
                    .forEach(key::appendCodePoint);
            return key.toString();
        }
    }

    /** A column of 64 characters. */
    static final class CutsLongNames extends NameFault {
        @Override
        String key(String prefix, String name) {
            return prefix + "/" + name.substring(0, Math.min(64, name.length()));
        }
    }

    /** An advisory lock by a number of 32 bits. */
    static final class HashesTo32Bits extends NameFault {
        @Override
        String key(String prefix, String name) {
            return prefix + "/" + name.hashCode();
        }
    }

    /** Prefix and name are one text. */
    static final class SeparatesNothing extends NameFault {
        @Override
        String key(String prefix, String name) {
            return prefix + name;
        }

        @Override
        boolean lists(String prefix, String key) {
            return key.startsWith(prefix);
        }
    }

    /** A list shows what begins with the prefix, whether or not the prefix ends there. */
    static final class ListsWhatBeginsAlike extends NameFault {
        @Override
        String key(String prefix, String name) {
            return prefix + "/" + name;
        }

        @Override
        boolean lists(String prefix, String key) {
            return key.startsWith(prefix);
        }
    }

    /** A path in which ".." is followed. */
    static final class WalksOut extends NameFault {
        @Override
        String key(String prefix, String name) {
            return name.startsWith("../") ? name.substring(3) : prefix + "/" + name;
        }
    }

    /** A store that takes no characters beyond the basic plane; what it says is passed on. */
    static final class RefusesEmoji extends NameFault {
        @Override
        String key(String prefix, String name) {
            if (name.chars().anyMatch(c -> Character.isSurrogate((char) c))) {
                throw new LockUnavailableException("the store says: invalid path");
            }
            return prefix + "/" + name;
        }
    }

    @Override
    public LockBackend open(LockConfig config, Link link) {
        String prefix = BackendConfig.of(config).prefix();
        return new Backend(link.to(Fault.sound(config.withPrefix("shared"))), prefix);
    }

    @Override
    public LockBackend on(LockBackend sound) {
        return new Backend(sound, "");
    }

    private final class Backend extends BrokenBackend {
        private final String prefix;

        Backend(LockBackend sound, String prefix) {
            super(sound);
            this.prefix = prefix;
        }

        private String keyOf(String name) {
            String key = key(prefix, name);
            names.put(key, name);
            return key;
        }

        private StoredLock named(StoredLock lock, String name) {
            return new StoredLock(name, lock.storeToken(), lock.holder(), lock.sinceMillis(), lock.contenders());
        }

        @Override
        LockSession broken(LockSession session, SessionOptions options) {
            return new Session(session, this);
        }

        @Override
        public CompletionStage<StoredLock> inspect(String name) {
            return super.inspect(keyOf(name)).thenApply(lock -> named(lock, name));
        }

        @Override
        public CompletionStage<List<StoredLock>> list() {
            return super.list().thenApply(locks -> locks.stream()
                    .filter(lock -> lists(prefix, lock.name()))
                    .map(lock -> named(lock, names.getOrDefault(lock.name(), lock.name())))
                    .toList());
        }

        @Override
        public CompletionStage<ForceOutcome> forceRelease(String name, OptionalLong storeToken) {
            return super.forceRelease(keyOf(name), storeToken);
        }
    }

    private static final class Session extends BrokenSession {
        private final Backend backend;

        Session(LockSession sound, Backend backend) {
            super(sound);
            this.backend = backend;
        }

        private Grant named(Grant grant, String name) {
            return grant == null
                    ? null
                    : new Grant(name, grant.contenderId(), grant.storeToken(), grant.basis(), grant);
        }

        private static Grant keyed(Grant grant) {
            return grant == null ? null : (Grant) grant.reference();
        }

        @Override
        public Contender contend(LockRequest request) {
            Contender contender = super.contend(LockRequest.exclusive(
                    backend.keyOf(request.name()),
                    request.contenderId(),
                    request.enqueue(),
                    keyed(request.releasing())));
            return new BrokenContender(contender) {
                @Override
                public LockRequest request() {
                    return request;
                }

                @Override
                public CompletionStage<Grant> granted() {
                    return super.granted().thenApply(grant -> named(grant, request.name()));
                }
            };
        }

        @Override
        public CompletionStage<Boolean> release(Grant grant) {
            return super.release(keyed(grant));
        }

        @Override
        public CompletionStage<Renewal> renew(Collection<Contender> contenders) {
            Map<Long, String> asked = new HashMap<>();
            contenders.forEach(contender -> asked.put(
                    contender.request().contenderId(), contender.request().name()));
            return super.renew(contenders).thenApply(renewal -> {
                Map<Long, ContenderStatus> statuses = new HashMap<>(renewal.statuses());
                statuses.replaceAll((id, status) -> status instanceof ContenderStatus.Holding holding
                        ? new ContenderStatus.Holding(named(holding.grant(), asked.get(id)))
                        : status);
                return new Renewal(renewal.sentAt(), statuses);
            });
        }
    }
}
