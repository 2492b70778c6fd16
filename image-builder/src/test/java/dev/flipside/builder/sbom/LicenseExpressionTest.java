package dev.flipside.builder.sbom;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LicenseExpressionTest {
    @ParameterizedTest
    @CsvSource({
        "MIT, MIT",
        "mit, MIT",
        "GPL-2.0-or-later AND MIT, GPL-2.0-or-later AND MIT",
        "(MIT OR apache-2.0)  AND ISC, (MIT OR Apache-2.0) AND ISC",
        "GPL-2.0-only WITH linux-syscall-note, GPL-2.0-only WITH Linux-syscall-note",
        "EPL-1.0+, EPL-1.0+",
        "LicenseRef-Fedora-Public-Domain OR MIT, LicenseRef-Fedora-Public-Domain OR MIT",
    })
    void readsExpressionsInTheSpellingOfTheList(String words, String expected) {
        Optional<License.Expression> found = LicenseExpression.parse(words, "a test");
        assertEquals(Optional.of(expected), found.map(License.Expression::text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GPLv2+",
                "GPLv2+ and MIT",
                "MIT and ISC",
                "MIT AND",
                "AND MIT",
                "(MIT",
                "MIT)",
                "MIT ISC",
                "MIT WITH MIT",
                "MIT WITH",
                "()",
                "LicenseRef-",
                "LicenseRef-a_b"
            })
    void takesNothingElseForAnExpression(String words) {
        assertEquals(Optional.empty(), LicenseExpression.parse(words, "a test"));
    }

    @Test
    void endsOnDeepAndLongWords() {
        assertEquals(Optional.empty(), LicenseExpression.parse("(".repeat(16_000), "a test"));
        assertEquals(
                Optional.empty(), LicenseExpression.parse("MIT AND ".repeat(9_000) + "MIT", ""));
    }

    @Test
    void saysWhereAReferenceIsFrom() {
        License.Expression found =
                LicenseExpression.parse("LicenseRef-Own AND MIT", "a test").orElseThrow();
        assertEquals(
                new TreeMap<>(Map.of("LicenseRef-Own", "What a test calls LicenseRef-Own.")),
                found.references());
    }

    @Test
    void hasTheListThatOthersHave() throws Exception {
        List<String> ours = new ArrayList<>();
        for (String resource : List.of("spdx-licenses.txt", "spdx-exceptions.txt")) {
            try (InputStream in = SpdxIdentifiers.class.getResourceAsStream(resource)) {
                ours.addAll(
                        new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList());
            }
        }
        try (InputStream in = getClass().getResourceAsStream("/spdx.schema.json")) {
            JsonNode schema = new ObjectMapper().readTree(in);
            assertEquals(
                    "v1.0-" + SpdxIdentifiers.LIST_VERSION + ".0",
                    schema.path("$comment").textValue());
            TreeSet<String> theirs = new TreeSet<>();
            schema.path("enum").forEach(id -> theirs.add(id.textValue()));
            assertEquals(theirs, new TreeSet<>(ours));
        }
    }
}
