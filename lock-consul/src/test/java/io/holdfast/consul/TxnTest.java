// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import io.holdfast.consul.Txn.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TxnTest {
    @Test
    void isWrittenAsConsulTakesIt() {
        Txn txn = new Txn()
                .checkIndex("a", Long.MAX_VALUE)
                .checkMissing("b")
                .checkSession("c", "s")
                .lock("d", "s", "\u00e9")
                .show("e")
                .delete("f", 7);
        assertThat(txn.size()).isEqualTo(6);
        assertThat(JsonParser.parseString(txn.json()))
                .isEqualTo(
                        JsonParser.parseString(
                                """
                                [{"KV":{"Verb":"check-index","Key":"a","Index":9223372036854775807}},
                                 {"KV":{"Verb":"check-not-exists","Key":"b"}},
                                 {"KV":{"Verb":"check-session","Key":"c","Session":"s"}},
                                 {"KV":{"Verb":"lock","Key":"d","Session":"s","Value":"w6k="}},
                                 {"KV":{"Verb":"get-tree","Key":"e"}},
                                 {"KV":{"Verb":"delete-cas","Key":"f","Index":7}}]
                                """));
    }

    @Test
    void aKeyThatJsonWouldTakeForItsOwnIsWrittenAsAText() {
        assertThat(JsonParser.parseString(new Txn().show("\"}\\\n").json())
                        .getAsJsonArray()
                        .get(0)
                        .getAsJsonObject()
                        .getAsJsonObject("KV")
                        .get("Key")
                        .getAsString())
                .isEqualTo("\"}\\\n");
    }

    @Test
    void whatIsDoneShowsEntriesAndWhatIsRefusedSaysWhy() {
        Outcome done = Txn.outcome(
                """
                {"Results":[{"KV":{"LockIndex":1,"Key":"k","Flags":0,"Value":"w6k=","Session":"s","CreateIndex":9223372036854775807,
                 "ModifyIndex":12}},{"KV":{"Key":"l","Value":null,"CreateIndex":5,"ModifyIndex":6}}],"Errors":null,"Index":3}
                """);
        assertThat(done.done()).isTrue();
        assertThat(done.entries())
                .containsExactly(new KeyEntry("k", "s", Long.MAX_VALUE, 12, "\u00e9"), new KeyEntry("l", "", 5, 6, ""));
        Outcome refused = Txn.outcome("{\"Results\":null,\"Errors\":[{\"OpIndex\":2,\"What\":\"no\"}]}");
        assertThat(refused.entries()).isEmpty();
        assertThat(refused.refusals()).isEqualTo(List.of(new Txn.Refusal(2, "no")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "<html>",
                "{\"Results\":[{}]}",
                "{\"Results\":[{\"KV\":{\"Key\":\"k\"}}]}",
                "{\"Results\":[{\"KV\":{\"Key\":\"k\",\"CreateIndex\":\"x\",\"ModifyIndex\":1}}]}",
                "{\"Results\":[]} and more",
                "{\"Results\":["
            })
    void whatIsNoAnswerOfConsulsIsNotRead(String text) {
        assertThatThrownBy(() -> Txn.outcome(text)).isInstanceOf(RuntimeException.class);
    }
}
