// SPDX-License-Identifier: Apache-2.0
package io.holdfast.proof.broken;

/** Broken stores whose rows are compared and set. A class of its own: it runs in another process, beside the others. */
class BrokenTablesTest extends BrokenBackends {
    BrokenTablesTest() {
        super(TableDefects.all());
    }
}
