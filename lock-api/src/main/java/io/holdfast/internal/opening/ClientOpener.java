// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.opening;

import io.holdfast.LockClient;
import io.holdfast.LockConfig;
import io.holdfast.LockConfigException;
import io.holdfast.LockException;
import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import io.holdfast.internal.HostLabel;
import io.holdfast.internal.SafeLog;
import io.holdfast.internal.client.EngineClient;
import io.holdfast.internal.config.CommonKey;
import io.holdfast.internal.config.ConfigAccess;
import io.holdfast.internal.config.KeyCheck;
import io.holdfast.internal.config.Settings;
import io.holdfast.internal.context.EngineSettings;
import io.holdfast.internal.runtime.SharedRuntime;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.Capabilities;
import io.holdfast.spi.DurationFormat;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockRuntime;
import io.holdfast.spi.StoreUri;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * From a configuration to a connected client. What fails on the way leaves nothing open, and is tried again where that may help (rule
 * OP-1).
 */
public final class ClientOpener {
    private static final Logger LOG = System.getLogger("io.holdfast");

    private ClientOpener() {}

    /** Finds the provider of the URL's scheme, makes its backend, and connects; the client closes the backend. */
    public static LockClient open(LockConfig config) {
        return open(config, Providers.find());
    }

    static LockClient open(LockConfig config, Providers providers) {
        Providers.Found provider = provider(config, providers);
        warnOfBlindTrust(ConfigAccess.of(config).settings());
        return again(config, (ready, attempts) -> {
            try {
                return connected(backend(provider, attempts.within(ready)), true, ready, attempts);
            } catch (LockUnavailableException | LockOutcomeUnknownException e) {
                throw attempts.isFirst() ? mistaken(provider, ready, e) : e;
            }
        });
    }

    /** What looks like an outage may be a setting that never worked. */
    private static LockException mistaken(Providers.Found provider, LockConfig config, LockException outage) {
        BackendConfig settings = BackendConfig.of(config);
        try {
            return provider.provider()
                    .mistake(settings)
                    .<LockException>map(why -> new LockConfigException("store " + settings.uri() + ": " + why, outage))
                    .orElse(outage);
        } catch (RuntimeException | LinkageError failure) {
            outage.addSuppressed(failure);
            return outage;
        }
    }

    /** It works as well as with a look at the servers, for whoever stands in between too (rule ER-4). */
    private static void warnOfBlindTrust(Settings settings) {
        if (!settings.require(CommonKey.TLS_VERIFY).flag()) {
            SafeLog.log(
                    LOG,
                    Level.WARNING,
                    () -> "store " + settings.uri().orElseThrow()
                            + ": tls.verify is false, so whoever answers at this address gets the password and decides"
                            + " who holds a lock; set tls.ca to the certificate that signs the servers'");
        }
    }

    /** Refuses what {@link #open(LockConfig)} would refuse before it opens anything. */
    public static void check(LockConfig config) {
        provider(config, Providers.find());
    }

    /** What the store must have made before the first client is opened; refuses what {@link #open(LockConfig)} would, and asks nobody. */
    public static String ddl(LockConfig config) {
        return provider(config, Providers.find()).provider().ddl(BackendConfig.of(config));
    }

    private static Providers.Found provider(LockConfig config, Providers providers) {
        Settings settings = ConfigAccess.of(config).settings();
        // First the backend: the settings of one that is not there are known to nobody, and are not what is wrong.
        settings.uri().ifPresent(providers::forScheme);
        new KeyCheck(providers.keys()).check(settings);
        settings.require(CommonKey.URL);
        StoreUri uri = settings.uri().orElseThrow();
        Providers.Found provider = providers.forScheme(uri);
        KeyCheck.checkQuery(settings, provider.keys(), provider.urlKeys());
        return provider;
    }

    /** Connects over a backend that stays the caller's. */
    public static LockClient open(LockBackend backend, LockConfig config) {
        Settings settings = ConfigAccess.of(config).settings();
        Providers providers = Providers.find();
        new KeyCheck(providers.keys()).check(settings);
        KeyCheck.checkQuery(settings, providers.keys(), providers.urlKeys());
        return again(config, (ready, attempts) -> connected(backend, false, ready, attempts));
    }

    /** One try, with a configuration that has a runtime. */
    @FunctionalInterface
    private interface Opening {
        LockClient open(LockConfig ready, Attempts attempts);
    }

    /** A try that fails has given its runtime back; the pauses between them have one of their own. */
    private static LockClient again(LockConfig config, Opening opening) {
        Settings settings = ConfigAccess.of(config).settings();
        Duration limit = settings.require(CommonKey.CONNECT_TIMEOUT).duration();
        Duration least = settings.require(CommonKey.OPERATION_TIMEOUT).duration();
        LockRuntime given = ConfigAccess.of(config).runtime();
        if (given != null) {
            Attempts attempts = new Attempts(given, limit, least);
            return attempts.until(() -> opening.open(config, attempts));
        }
        SharedRuntime pauses = SharedRuntime.acquire();
        try {
            Attempts attempts = new Attempts(pauses, limit, least);
            return attempts.until(() -> withRuntime(config, attempts, opening));
        } finally {
            pauses.release();
        }
    }

    /** The client shares our runtime, and gives it back when it is closed. */
    private static LockClient withRuntime(LockConfig config, Attempts attempts, Opening opening) {
        SharedRuntime shared = SharedRuntime.acquire();
        boolean opened = false;
        try {
            LockClient client = opening.open(config.withRuntime(shared), attempts);
            opened = true;
            return client;
        } finally {
            if (!opened) {
                shared.release();
            }
        }
    }

    /** Makes the backend; what a provider throws beside our own exceptions is told as what it most likely means. */
    private static LockBackend backend(Providers.Found provider, LockConfig config) {
        BackendConfig settings = BackendConfig.of(config);
        try {
            return provider.provider().open(settings);
        } catch (LockException known) {
            throw known;
        } catch (LinkageError missing) {
            throw new LockConfigException(
                    "store " + settings.uri() + ": " + provider
                            + " does not fit what is on the class path: " + missing
                            + "; check the version of its store client"
                            + (provider.provider().getClass().getModule().isNamed()
                                    ? ", " + SchemeAdvice.MODULE_PATH
                                    : ""),
                    missing);
        } catch (RuntimeException failure) {
            throw new LockUnavailableException(
                    "store " + settings.uri() + ": " + provider + " failed: " + failure, failure);
        }
    }

    private static LockClient connected(LockBackend backend, boolean owned, LockConfig config, Attempts attempts) {
        EngineSettings settings;
        try {
            settings = engineSettings(ConfigAccess.of(config));
            checkLease(settings.lease(), backend);
        } catch (LockConfigException wrong) {
            if (owned) {
                closeAfter(wrong, backend);
            }
            throw wrong;
        }
        return EngineClient.open(backend, owned, settings, attempts.forSession());
    }

    private static void closeAfter(LockConfigException wrong, LockBackend backend) {
        try {
            backend.close();
        } catch (RuntimeException failure) {
            // The setting is what the caller has to hear of.
            wrong.addSuppressed(failure);
        }
    }

    private static EngineSettings engineSettings(ConfigAccess.Parts parts) {
        Settings settings = parts.settings();
        LockRuntime runtime = parts.runtime();
        String label = parts.label();
        if (runtime == null) {
            throw new IllegalStateException("the runtime was added before");
        }
        return new EngineSettings(
                settings.require(CommonKey.LEASE).duration(),
                settings.require(CommonKey.TOKEN_BASE).number(0, Long.MAX_VALUE),
                Math.toIntExact(settings.require(CommonKey.HANDOFF_LIMIT).number(0, Integer.MAX_VALUE)),
                settings.require(CommonKey.CONNECT_TIMEOUT).duration(),
                settings.require(CommonKey.OPERATION_TIMEOUT).duration(),
                settings.require(CommonKey.OUTAGE_TIMEOUT).duration(),
                settings.require(CommonKey.CLOSE_TIMEOUT).duration(),
                label == null ? HostLabel.get() : label,
                runtime);
    }

    /** Refuses a lease that the store cannot serve, before anything is asked of the store (rule CF-5). */
    private static void checkLease(Duration lease, LockBackend backend) {
        Capabilities facts = backend.capabilities();
        Duration rest = lease.minus(facts.leaseStep().multipliedBy(lease.dividedBy(facts.leaseStep())));
        if (lease.compareTo(facts.minimumLease()) < 0 || lease.compareTo(facts.maximumLease()) > 0 || !rest.isZero()) {
            throw new LockConfigException("store " + backend.store() + " cannot serve a lease of "
                    + DurationFormat.show(lease) + ": it serves "
                    + DurationFormat.show(facts.minimumLease()) + " to "
                    + DurationFormat.show(facts.maximumLease()) + " in steps of "
                    + DurationFormat.show(facts.leaseStep())
                    + (facts.leaseReason().isEmpty() ? "" : " (" + facts.leaseReason() + ")"));
        }
    }
}
