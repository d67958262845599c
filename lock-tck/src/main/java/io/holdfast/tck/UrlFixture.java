// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import io.holdfast.LockConfig;

/** The kit's own fixture: settings and no hook. */
record UrlFixture(LockConfig config, String url) implements LockBackendFixture {}
