// SPDX-License-Identifier: Apache-2.0
package io.holdfast.consul;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** Tokens with the rights of our own choosing. */
final class Policies {
    /** What the documentation says, for the prefix {@code holdfast}; NODE is that of the agent that is asked. */
    static final String LEAST =
            "key_prefix \"holdfast/\" { policy = \"write\" } session_prefix \"NODE\" { policy = \"write\" } node_prefix \"NODE\" { policy = \"read\" }";

    private Policies() {}

    static void grant(Administrator administrator, String token, String rules) {
        String self = administrator.ask("GET", "/v1/agent/self", "").body();
        String node = JsonParser.parseString(self)
                .getAsJsonObject()
                .getAsJsonObject("Config")
                .get("NodeName")
                .getAsString();
        JsonObject policy = new JsonObject();
        policy.addProperty("Name", "policy-of-" + token);
        policy.addProperty("Rules", rules.replace("NODE", node));
        made(administrator.ask("PUT", "/v1/acl/policy", policy.toString()));
        JsonObject link = new JsonObject();
        link.add("Name", policy.get("Name"));
        JsonArray links = new JsonArray();
        links.add(link);
        JsonObject holder = new JsonObject();
        holder.addProperty("SecretID", token);
        holder.add("Policies", links);
        made(administrator.ask("PUT", "/v1/acl/token", holder.toString()));
    }

    private static void made(Administrator.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }
}
