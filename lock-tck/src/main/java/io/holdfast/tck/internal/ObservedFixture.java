// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck.internal;

import io.holdfast.LockConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.tck.Hook;
import io.holdfast.tck.HookMissing;
import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.StoreFaults;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

/** A fixture of which is written down which hooks it has, and which it has not. Thread-safe. */
final class ObservedFixture implements LockBackendFixture {
    private final LockBackendFixture observed;
    private final Map<Hook, Boolean> hooks = new ConcurrentHashMap<>();

    ObservedFixture(LockBackendFixture observed) {
        this.observed = observed;
    }

    /** The hooks that it was asked for. */
    Map<Hook, Boolean> hooks() {
        return hooks;
    }

    LockBackendFixture observed() {
        return observed;
    }

    private <T> T ask(Hook hook, Callable<T> call) throws Exception {
        try {
            T value = call.call();
            hooks.putIfAbsent(hook, true);
            return value;
        } catch (HookMissing e) {
            hooks.put(hook, false);
            if (e.hook().isPresent()) {
                throw e;
            }
            HookMissing named = new HookMissing(hook, "be asked for " + hook.call() + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    private boolean declared(Hook hook, boolean has) {
        hooks.put(hook, has);
        return has;
    }

    @Override
    public String url() {
        return observed.url();
    }

    @Override
    public LockConfig config() {
        return observed.config();
    }

    @Override
    public String neighbourPrefix() {
        return observed.neighbourPrefix();
    }

    @Override
    public LockBackend open(LockConfig config) throws Exception {
        return observed.open(config);
    }

    @Override
    public List<String> residue() throws Exception {
        return ask(Hook.RESIDUE, observed::residue);
    }

    @Override
    public StoreFaults faults() {
        return new ObservedFaults(observed.faults());
    }

    @Override
    public boolean recognisesCopies() {
        return declared(Hook.COPIES, observed.recognisesCopies());
    }

    @Override
    public boolean silenceExpires() {
        return declared(Hook.SILENCE, observed.silenceExpires());
    }

    @Override
    public String serverVersion() {
        return Objects.requireNonNullElse(observed.serverVersion(), "");
    }

    @Override
    public void close() {
        observed.close();
    }

    private final class ObservedFaults implements StoreFaults {
        private final StoreFaults done;

        ObservedFaults(StoreFaults done) {
            this.done = done;
        }

        private interface Deed {
            void run() throws Exception;
        }

        private void perform(Hook hook, Deed deed) throws Exception {
            ask(hook, () -> {
                deed.run();
                return hook;
            });
        }

        @Override
        public void cutLink() throws Exception {
            perform(Hook.CUT_LINK, done::cutLink);
        }

        @Override
        public void holdRequests() throws Exception {
            perform(Hook.HOLD_REQUESTS, done::holdRequests);
        }

        @Override
        public void stopServer() throws Exception {
            perform(Hook.STOP_SERVER, done::stopServer);
        }

        @Override
        public void restartServer(boolean keepData) throws Exception {
            perform(Hook.RESTART_SERVER, () -> done.restartServer(keepData));
        }

        @Override
        public void expireSession(String label) throws Exception {
            perform(Hook.EXPIRE_SESSION, () -> done.expireSession(label));
        }

        @Override
        public void deleteHolder(String name) throws Exception {
            perform(Hook.DELETE_HOLDER, () -> done.deleteHolder(name));
        }

        @Override
        public void heal() throws Exception {
            done.heal();
        }
    }
}
