// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;

/**
 * Handles answers and events on the thread that read them from the connection.
 *
 * <p>gRPC would hand each of them to another thread, which a waiter that is woken pays for twice: with the event, and with the
 * answer to its look. Nothing of ours blocks there.
 */
final class OnReader implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return next.newCall(method, options.withExecutor(Runnable::run));
    }
}
