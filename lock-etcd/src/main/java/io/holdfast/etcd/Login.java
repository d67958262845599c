// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.api.AuthenticateRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.MethodDescriptor;
import io.holdfast.spi.Secret;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Logs in with the password as it is now: jetcd keeps the one it was built with, and logs in again whenever etcd refuses its token, as it
 * does after a change of the password.
 */
final class Login implements ClientInterceptor {
    private final Supplier<Optional<Secret>> password;

    /**
     * Reads a password at each login.
     *
     * @param password of the settings, which read a {@code password-file} anew
     */
    Login(Supplier<Optional<Secret>> password) {
        this.password = password;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        ClientCall<Q, A> call = next.newCall(method, options);
        if (!method.getFullMethodName().equals("etcdserverpb.Auth/Authenticate")) {
            return call;
        }
        return new SimpleForwardingClientCall<>(call) {
            @Override
            @SuppressWarnings("unchecked") // a login's request is of no other type
            public void sendMessage(Q message) {
                AuthenticateRequest.Builder request = ((AuthenticateRequest) message).toBuilder();
                password.get().map(Secret::reveal).ifPresent(request::setPassword);
                super.sendMessage((Q) request.build());
            }
        };
    }
}
