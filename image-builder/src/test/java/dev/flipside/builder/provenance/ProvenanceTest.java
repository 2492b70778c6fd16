package dev.flipside.builder.provenance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flipside.builder.provenance.Provenance.Input;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Holds the statement against what in-toto and SLSA require of one. */
final class ProvenanceTest {
    private static final String DIGEST = "ab".repeat(32);

    private static Provenance provenance() {
        return new Provenance(
                List.of(
                        new Artifact(Artifact.Role.IMAGE, "root.img", 4096, DIGEST),
                        new Artifact(Artifact.Role.SPDX, "sbom.spdx.json", 1, DIGEST)),
                StrictJson.object().put("product", "edge"),
                List.of(
                        Input.tree("rootfs", DIGEST),
                        Input.file("kernel", Optional.of("/boot/vmlinuz"), DIGEST),
                        Input.file("stub", Optional.empty(), DIGEST)),
                new TreeMap<>(Map.of("flipside-image", "1.0")));
    }

    private static JsonNode statement() throws Exception {
        return new ObjectMapper().readTree(provenance().json());
    }

    private static void assertAbsolute(JsonNode uri) {
        assertTrue(URI.create(uri.textValue()).isAbsolute(), uri.toString());
    }

    /** in-toto attestation specification, v1, statement and resource descriptor. */
    @Test
    void isAStatementOfInToto() throws Exception {
        JsonNode statement = statement();
        assertEquals("https://in-toto.io/Statement/v1", statement.path("_type").textValue());
        assertEquals(2, statement.path("subject").size());
        for (JsonNode subject : statement.path("subject")) {
            assertTrue(subject.path("name").isTextual(), subject.toString());
            assertEquals(DIGEST, subject.at("/digest/sha256").textValue());
        }
        assertEquals("https://slsa.dev/provenance/v1", statement.path("predicateType").textValue());
        assertTrue(statement.path("predicate").isObject());
    }

    /** SLSA provenance, v1, model and schema. */
    @Test
    void hasEveryRequiredFieldOfSlsa() throws Exception {
        JsonNode predicate = statement().path("predicate");
        JsonNode definition = predicate.path("buildDefinition");
        assertAbsolute(definition.path("buildType"));
        assertEquals("edge", definition.at("/externalParameters/product").textValue());
        assertEquals(3, definition.path("resolvedDependencies").size());
        for (JsonNode dependency : definition.path("resolvedDependencies")) {
            assertEquals(1, dependency.path("digest").size(), dependency.toString());
        }
        JsonNode builder = predicate.at("/runDetails/builder");
        assertAbsolute(builder.path("id"));
        assertEquals("1.0", builder.at("/version/flipside-image").textValue());
    }

    @Test
    void namesInputsByWhatTheyAre() throws Exception {
        JsonNode inputs = statement().at("/predicate/buildDefinition/resolvedDependencies");
        assertEquals("rootfs", inputs.at("/0/name").textValue());
        assertEquals(DIGEST, inputs.at("/0/digest/dirHash").textValue());
        assertEquals("/boot/vmlinuz", inputs.at("/1/annotations/path").textValue());
        assertTrue(inputs.at("/2/annotations").isMissingNode());
    }

    @Test
    void isTheSameBytesEachTime() {
        assertArrayEquals(provenance().json(), provenance().json());
    }
}
