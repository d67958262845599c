// SPDX-License-Identifier: Apache-2.0
package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import dev.harrel.jsonschema.providers.GsonNode;
import io.holdfast.LockConfig;
import io.holdfast.spi.LockBackend;
import io.holdfast.spi.TableBackend;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The report as data: what is in it, that it keeps to its schema, and that two of them can be compared. */
class ReportJsonTest {
    private static TckReport report;

    /** A fixture of the backend's authors, with one hook. */
    private static final class RowsFixture implements LockBackendFixture {
        private final Rows rows = new Rows();

        @Override
        public String url() {
            return "rows:test";
        }

        @Override
        public LockBackend open(LockConfig config) {
            return TableBackend.of(rows);
        }

        @Override
        public List<String> residue() {
            return List.of();
        }

        @Override
        public String serverVersion() {
            return "7 \"of\" <nine> \u001b[31m\u202e\ud83d";
        }
    }

    @BeforeAll
    static void run() {
        report = TckRunner.of(new RowsFixture())
                .only("Fencing", "LateRequests", "Order", "Undo")
                .run();
    }

    private static JsonObject json(TckReport of) {
        return JsonParser.parseString(of.json()).getAsJsonObject();
    }

    static Validator.Result validated(String json) throws IOException {
        try (InputStream schema = TckReport.class.getResourceAsStream("tck-report.schema.json")) {
            return new ValidatorFactory()
                    .withJsonNodeFactory(new GsonNode.Factory())
                    .validate(new String(schema.readAllBytes(), StandardCharsets.UTF_8), json);
        }
    }

    @Test
    void aRealReportKeepsToTheSchema() throws IOException {
        Validator.Result result = validated(report.json());
        assertThat(result.isValid())
                .as(result.getErrors().stream()
                                .map(e -> e.getInstanceLocation() + ": " + e.getError())
                                .toList()
                        + report.json())
                .isTrue();
    }

    @Test
    void theSchemaRefusesWhatIsUnknownOrMissing() throws IOException {
        for (String key : json(report).keySet()) {
            JsonObject without = json(report);
            without.remove(key);
            assertThat(validated(without.toString()).isValid()).as(key).isFalse();
        }
        for (String key : List.of("run", "store", "kit", "fixture", "counts")) {
            JsonObject more = json(report);
            more.getAsJsonObject(key).addProperty("more", 1);
            assertThat(validated(more.toString()).isValid()).as(key).isFalse();
        }
    }

    @Test
    void itTellsWhatAThirdPartyNeeds() {
        JsonObject json = json(report);
        JsonObject kit = json.getAsJsonObject("kit");
        assertThat(kit.get("version").getAsString()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(kit.getAsJsonObject("rules").get("sha256").getAsString()).hasSize(64);
        JsonObject store = json.getAsJsonObject("store");
        assertThat(store.get("server").getAsString()).isEqualTo("7 \"of\" <nine> \u001b[31m\u202e\ud83d");
        JsonObject capabilities = store.getAsJsonObject("capabilities");
        assertThat(capabilities.get("sharedAcrossProcesses").getAsBoolean()).isFalse();
        assertThat(capabilities.get("queues").getAsBoolean()).isFalse();
        assertThat(capabilities.get("takeoverLeases").getAsInt()).isEqualTo(1);
        JsonObject fixture = json.getAsJsonObject("fixture");
        assertThat(fixture.get("keptBy").getAsString()).isEqualTo("BACKEND");
        assertThat(fixture.get("type").getAsString()).contains("RowsFixture");
        assertThat(fixture.getAsJsonObject("hooks").get("RESIDUE").getAsString())
                .isEqualTo("HAS");
        assertThat(fixture.getAsJsonObject("hooks").get("HOLD_REQUESTS").getAsString())
                .isEqualTo("LACKS");
        assertThat(fixture.getAsJsonObject("hooks").get("STOP_SERVER").getAsString())
                .isEqualTo("NOT_ASKED");
        assertThat(json.getAsJsonArray("rules")).hasSameSizeAs(RuleBook.spec().rules());
        assertThat(json.getAsJsonObject("millis").keySet()).contains("Fencing.tokensRiseOverHoldsOfSeveralClients");
    }

    /** All before "run" is the same in a second run, in the same order. */
    @Test
    void twoReportsDifferInTheirLastPartsOnly() {
        TckReport again = TckRunner.of(new RowsFixture())
                .only("Undo", "Order", "LateRequests", "Fencing")
                .run();
        assertThat(stable(again)).isEqualTo(stable(report));
        assertThat(stable(report)).contains("\"tests\"").contains("  {\"name\": \"Fencing.");
    }

    private static String stable(TckReport of) {
        return of.json().substring(0, of.json().indexOf("\n  \"run\": "));
    }

    @Test
    void nothingButPrintableAsciiIsWrittenAndNumbersAreOfNoCountry() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG"));
        try {
            assertThat(report.json().chars().filter(c -> c != '\n' && (c < 0x20 || c > 0x7e)))
                    .isEmpty();
            List<String> numbers = new ArrayList<>();
            for (JsonElement value :
                    json(report).getAsJsonObject("millis").asMap().values()) {
                numbers.add(value.toString());
            }
            assertThat(numbers).isNotEmpty().allMatch(number -> number.matches("[0-9]+"));
        } finally {
            Locale.setDefault(before);
        }
    }
}
