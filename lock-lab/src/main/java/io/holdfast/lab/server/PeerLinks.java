// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

import java.net.InetSocketAddress;

/** What a test puts between the nodes of a cluster, such as a proxy for each direction. */
@FunctionalInterface
public interface PeerLinks {
    /**
     * Where a node is to look for another one. Asked each time a node starts, for each of the others.
     *
     * @param from the number of the node that connects, from 1
     * @param to the number of the other one
     * @param target where the other one listens for it
     * @return where to connect to instead, on the loopback address
     */
    InetSocketAddress between(int from, int to, InetSocketAddress target);
}
