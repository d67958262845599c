// SPDX-License-Identifier: Apache-2.0
package io.holdfast.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Catches signals sent to this process while it is open.
 *
 * <p>Java's only way to do so is {@code sun.misc.Signal} of module {@code jdk.unsupported}. It is called by reflection, because a
 * compiler that names it warns and cannot be told not to. A signal that was ignored when the process began stays ignored.
 */
final class Signals implements AutoCloseable {
    static final int HUP = 1;
    static final int INT = 2;
    static final int TERM = 15;

    private final Deque<Restore> restores = new ArrayDeque<>();

    /** Sends the names of those signals, without SIG, to a consumer, on threads of the virtual machine. */
    Signals(Consumer<String> consumer, String... names) {
        for (String name : names) {
            restores.push(handle(name, consumer));
        }
    }

    /** The number of a signal that ends the tool while it waits. */
    static int number(String name) {
        return switch (name) {
            case "HUP" -> HUP;
            case "INT" -> INT;
            case "TERM" -> TERM;
            default -> throw new IllegalArgumentException("signal " + name + " does not end the tool");
        };
    }

    private static Restore handle(String name, Consumer<String> consumer) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            InvocationHandler call = (proxy, method, arguments) ->
                    answer(proxy, method.getName(), arguments, () -> consumer.accept(name));
            Object handler = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handlerType}, call);
            Object before =
                    signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
            return () -> signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, before);
        } catch (ReflectiveOperationException e) {
            throw new ToolException(
                    ExitCode.FAILED,
                    "this Java cannot catch signal " + name + "; use a JDK with the" + " module jdk.unsupported",
                    e);
        }
    }

    private static @Nullable Object answer(Object proxy, String method, @Nullable Object[] arguments, Runnable caught) {
        switch (method) {
            case "handle" -> caught.run();
            case "equals" -> {
                return proxy == arguments[0];
            }
            case "hashCode" -> {
                return System.identityHashCode(proxy);
            }
            default -> {
                return "handler of " + Signals.class.getName();
            }
        }
        return null;
    }

    @Override
    public void close() {
        while (!restores.isEmpty()) {
            try {
                restores.pop().run();
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("a signal handler cannot be put back", e);
            }
        }
    }

    @FunctionalInterface
    private interface Restore {
        void run() throws ReflectiveOperationException;
    }
}
