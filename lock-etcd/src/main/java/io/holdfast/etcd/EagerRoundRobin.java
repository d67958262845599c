// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Status;
import io.grpc.SynchronizationContext.ScheduledHandle;
import io.grpc.util.ForwardingLoadBalancer;
import io.grpc.util.ForwardingLoadBalancerHelper;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * gRPC's round robin over the members, made anew while none of them is reached.
 *
 * <p>gRPC waits longer and longer between attempts to connect, up to two minutes, and jetcd has no way to change that or to cut a
 * wait short: after a long outage, locks would be out of reach for two minutes more. New subchannels begin with short waits.
 *
 * <p>Everything here runs in the channel's synchronization context.
 */
final class EagerRoundRobin extends ForwardingLoadBalancer {
    static final String POLICY = "holdfast_eager_round_robin";

    /** Longer than connecting takes where a lock client can work at all. */
    private static final long LONGEST_PAUSE_SECONDS = 5;

    private final Helper channel;
    private LoadBalancer members;
    private @Nullable ResolvedAddresses addresses;
    private @Nullable ScheduledHandle renewal;

    private EagerRoundRobin(Helper channel) {
        this.channel = channel;
        this.members = roundRobin();
    }

    /** Makes the policy known to gRPC, once a JVM. */
    static String policy() {
        LoadBalancerRegistry known = LoadBalancerRegistry.getDefaultRegistry();
        if (known.getProvider(POLICY) == null) {
            known.register(new Provider());
        }
        return POLICY;
    }

    private LoadBalancer roundRobin() {
        LoadBalancerProvider provider = Objects.requireNonNull(
                LoadBalancerRegistry.getDefaultRegistry().getProvider("round_robin"), "gRPC has no round_robin");
        Watching watching = new Watching();
        LoadBalancer made = provider.newLoadBalancer(watching);
        watching.members = made;
        return made;
    }

    @Override
    protected LoadBalancer delegate() {
        return members;
    }

    @Override
    public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
        addresses = resolved;
        return members.acceptResolvedAddresses(resolved);
    }

    private void changed(ConnectivityState state) {
        if (state == ConnectivityState.TRANSIENT_FAILURE && renewal == null) {
            renewal = channel.getSynchronizationContext()
                    .schedule(
                            this::renew,
                            LONGEST_PAUSE_SECONDS,
                            TimeUnit.SECONDS,
                            channel.getScheduledExecutorService());
        } else if (state == ConnectivityState.READY) {
            stopRenewal();
        }
    }

    private void renew() {
        renewal = null;
        ResolvedAddresses known = addresses;
        if (known != null) {
            members.shutdown();
            members = roundRobin();
            members.acceptResolvedAddresses(known);
        }
    }

    private void stopRenewal() {
        if (renewal != null) {
            renewal.cancel();
            renewal = null;
        }
    }

    @Override
    public void shutdown() {
        stopRenewal();
        members.shutdown();
    }

    /** What a round robin says to the channel, as long as it is the one in use. */
    private final class Watching extends ForwardingLoadBalancerHelper {
        private @Nullable LoadBalancer members;

        @Override
        protected Helper delegate() {
            return channel;
        }

        @Override
        public void updateBalancingState(ConnectivityState state, SubchannelPicker picker) {
            if (members == null || members == EagerRoundRobin.this.members) {
                channel.updateBalancingState(state, picker);
                changed(state);
            }
        }
    }

    /** Makes one for each channel. */
    private static final class Provider extends LoadBalancerProvider {
        @Override
        public boolean isAvailable() {
            return true;
        }

        @Override
        public int getPriority() {
            return 5;
        }

        @Override
        public String getPolicyName() {
            return POLICY;
        }

        @Override
        public LoadBalancer newLoadBalancer(Helper helper) {
            return new EagerRoundRobin(helper);
        }
    }
}
