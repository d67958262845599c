// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.proxy;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Something that another thread asks of the loop's thread; answered only once its effect can be seen from outside. */
final class Call<T> {
    private final Supplier<T> question;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private @Nullable T value;
    private @Nullable RuntimeException thrown;

    Call(Supplier<T> question) {
        this.question = question;
    }

    void run() {
        try {
            value = question.get();
        } catch (RuntimeException e) {
            thrown = e;
        }
    }

    void complete() {
        if (thrown != null) {
            answer.completeExceptionally(thrown);
        } else {
            answer.complete(value);
        }
    }

    void fail(Throwable end) {
        answer.completeExceptionally(end);
    }

    T join() {
        return answer.join();
    }
}
