// SPDX-License-Identifier: Apache-2.0
package io.holdfast.internal.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.LockOutcomeUnknownException;
import io.holdfast.LockUnavailableException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Questions to a backend that is broken in ways that the types do not forbid. */
class InquiryTest extends EngineTestBase {
    private enum Question {
        INSPECT("inspect lock 'n'") {
            @Override
            Object ask(EngineClient client) {
                return client.lock("n").inspect();
            }
        },
        LIST("list locks") {
            @Override
            Object ask(EngineClient client) {
                return client.list();
            }
        },
        FORCE("release lock 'n' by force") {
            @Override
            Object ask(EngineClient client) {
                return client.lock("n").forceUnlock();
            }
        };

        private final String what;

        Question(String what) {
            this.what = what;
        }

        abstract Object ask(EngineClient client);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("ER-2: a backend that answers null is said to")
    void nullIsNoAnswer(Question question) {
        store.inspected = name -> CompletableFuture.completedFuture(null);
        store.listed = () -> CompletableFuture.completedFuture(null);
        store.forced = () -> CompletableFuture.completedFuture(null);
        EngineClient client = client();
        assertThatThrownBy(() -> question.ask(client))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining(question.what)
                .hasMessageContaining("scripted:store")
                .hasMessageContaining("answered null");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("ER-2: a backend that hands out no stage has not answered")
    void noStageIsNoAnswer(Question question) {
        store.inspected = name -> null;
        store.listed = () -> null;
        store.forced = () -> null;
        EngineClient client = client();
        assertThatThrownBy(() -> question.ask(client))
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining(question.what)
                .hasMessageContaining("no stage");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("ER-2: only what changes the store has an outcome that may be unknown")
    void aQuestionThatWasNotAnsweredIsNoUnknownOutcome(Question question) {
        LockOutcomeUnknownException unknown = new LockOutcomeUnknownException("the connection broke");
        store.inspected = name -> CompletableFuture.failedFuture(unknown);
        store.listed = () -> CompletableFuture.failedFuture(unknown);
        store.forced = () -> CompletableFuture.failedFuture(unknown);
        EngineClient client = client();
        assertThatThrownBy(() -> question.ask(client))
                .isInstanceOf(
                        question == Question.FORCE ? LockOutcomeUnknownException.class : LockUnavailableException.class)
                .hasMessageContaining(question.what)
                .hasMessageContaining("the connection broke");
    }
}
