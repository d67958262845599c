// SPDX-License-Identifier: Apache-2.0
package com.example.sheet;

import io.holdfast.LockConfigException;
import io.holdfast.spi.BackendConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.LockBackendProvider;
import io.holdfast.spi.TableBackend;
import java.nio.file.Path;
import java.util.Set;

/** Opens {@code sheet:/path/of/file}. */
public final class SheetProvider implements LockBackendProvider {
    @Override
    public Set<String> schemes() {
        return Set.of("sheet");
    }

    @Override
    public LockBackend open(BackendConfig config) {
        String path = config.uri().path();
        if (!path.startsWith("/") || !config.uri().hosts().isEmpty()) {
            throw new LockConfigException("'" + config.uri() + "' names no file: write sheet:/path/of/file");
        }
        return TableBackend.of(new SheetTable(new Sheet(Path.of(path)), config.prefix()));
    }
}
