// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;

/**
 * Asks that a member which knows no leader say so at once. It would otherwise keep the request until it knows one, and what became of it
 * then is unknown; so another member can be asked. What a member says of itself needs no leader. jetcd asks for it in streams only.
 */
final class LeaderRequired implements ClientInterceptor {
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private static final String ABOUT_ITSELF = "etcdserverpb.Maintenance/";

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        ClientCall<Q, A> call = next.newCall(method, options);
        if (method.getType() != MethodType.UNARY || method.getFullMethodName().startsWith(ABOUT_ITSELF)) {
            return call;
        }
        return new SimpleForwardingClientCall<>(call) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                headers.put(HAS_LEADER, "true");
                super.start(listener, headers);
            }
        };
    }
}
