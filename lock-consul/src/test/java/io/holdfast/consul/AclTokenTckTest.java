// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import io.holdfast.tck.LockBackendFixture;
import io.holdfast.tck.LockTck;
import org.junit.jupiter.api.Tag;

/** The whole kit with a token of the fewest rights, those of {@code docs/backends/consul.md}, where everything else is denied. */
@Tag("long")
class AclTokenTckTest extends LockTck {
    static final String TOKEN = "5eed0001-2222-4333-8444-555566667777";

    @Override
    protected LockBackendFixture fixture() {
        return new ConsulFixture(ConsulFixture.usual().withCredentials(), "holdfast/kit-acl") {
            {
                grant();
            }

            private void grant() {
                Policies.grant(administrator(), TOKEN, Policies.LEAST);
            }

            @Override
            public String url() {
                return "consul://:" + TOKEN + "@" + endpoint() + "?" + LEASES + "&prefix=" + prefix;
            }

            @Override
            public String neighbourPrefix() {
                return "holdfast/kit-neighbour";
            }

            @Override
            Administrator administrator() {
                return new Administrator(
                        server().node(1).endpoint(), server().credentials().adminPassword(), null);
            }

            @Override
            public void restartServer(boolean keepData) {
                super.restartServer(keepData);
                if (!keepData) {
                    grant();
                }
            }
        };
    }
}
