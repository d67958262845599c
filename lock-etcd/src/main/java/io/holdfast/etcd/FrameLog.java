// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * Keeps gRPC from logging what it sends, frame by frame, as it does at the level of debugging: passwords in hexadecimal, login tokens as
 * they are (rule ER-1).
 *
 * <p>The level is the logging system's, of which there are several, and a reload of its configuration sets it anew; so the logger itself
 * is taken away. That holds for every gRPC connection of the JVM that netty makes: frames of others are not logged either.
 */
final class FrameLog extends InternalLoggerFactory {
    private static final String FRAMES = "io.grpc.netty.NettyClientHandler";
    private static final Logger LOG = System.getLogger("io.holdfast.etcd");

    private final InternalLoggerFactory others;

    private FrameLog(InternalLoggerFactory others) {
        this.others = others;
    }

    /** Before a connection with credentials is made. Idempotent. */
    static synchronized void off() {
        InternalLoggerFactory now = getDefaultFactory();
        if (now instanceof FrameLog) {
            return;
        }
        FrameLog ours = new FrameLog(now);
        try {
            ours.newInstance(FrameLog.class.getName());
            setDefaultFactory(ours);
        } catch (IllegalStateException unknown) {
            LOG.log(
                    Level.WARNING,
                    "netty logs by " + now.getClass().getName() + ", from which " + FRAMES
                            + " cannot be taken: keep its level above DEBUG, or passwords and login tokens are logged");
        }
    }

    /** The method is public in every factory of netty's and protected in their superclass. */
    @Override
    protected InternalLogger newInstance(String name) {
        if (name.equals(FRAMES)) {
            return silent();
        }
        try {
            return (InternalLogger)
                    others.getClass().getMethod("newInstance", String.class).invoke(others, name);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InternalLogger silent() {
        return (InternalLogger) Proxy.newProxyInstance(
                FrameLog.class.getClassLoader(),
                new Class<?>[] {InternalLogger.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "name", "toString" -> FRAMES;
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    default -> method.getReturnType() == boolean.class ? false : null;
                });
    }
}
