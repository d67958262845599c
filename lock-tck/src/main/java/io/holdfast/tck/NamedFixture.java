// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;

/** Makes a fixture of which only the name of its class is known; whatever is wrong with that is said in one line. */
final class NamedFixture {
    private NamedFixture() {}

    static LockBackendFixture of(String type, ClassLoader loader) {
        Class<? extends LockBackendFixture> found = find(type, loader);
        try {
            Constructor<? extends LockBackendFixture> constructor = found.getDeclaredConstructor();
            constructor.setAccessible(true); // a test's class is seldom public
            return constructor.newInstance();
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(
                    "the fixture " + type + " has no constructor without arguments, by which it could be made", e);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("the fixture " + type + " could not be made: " + e.getCause(), e);
        } catch (InstantiationException | IllegalAccessException | InaccessibleObjectException e) {
            throw new IllegalArgumentException(
                    "the fixture " + type + " cannot be made: it is to be a class, not abstract, and open to the kit",
                    e);
        }
    }

    private static Class<? extends LockBackendFixture> find(String type, ClassLoader loader) {
        Class<?> found;
        try {
            found = Class.forName(type, true, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(
                    "there is no class " + type + ": is its jar or folder on the class path, and is that its full name"
                            + " (package.Class, or package.Outer$Inner)?",
                    e);
        } catch (LinkageError e) {
            throw new IllegalArgumentException("the class " + type + " could not be loaded: " + e, e);
        }
        if (!LockBackendFixture.class.isAssignableFrom(found)) {
            throw new IllegalArgumentException("the class " + type + " is no fixture: it does not implement "
                    + LockBackendFixture.class.getName());
        }
        return found.asSubclass(LockBackendFixture.class);
    }
}
