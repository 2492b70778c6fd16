package dev.flipside.builder.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;

/** Checks that what SBOMs and provenance say of the release's files is true of this release. */
final class DocumentChecks {
    private static final int MAX_BYTES = 16 << 20;
    private static final int MAX_DEPTH = 24;

    private final ReleaseFolder release;
    private final Checks checks;
    private final Map<String, String> digests = new TreeMap<>();

    DocumentChecks(ReleaseFolder release, Checks checks) {
        this.release = release;
        this.checks = checks;
        for (Artifact artifact : release.manifest().artifacts()) {
            digests.put(artifact.name(), artifact.sha256());
        }
    }

    void run() throws IOException {
        check("SPDX", Artifact.Role.SPDX);
        check("CycloneDX", Artifact.Role.CYCLONEDX);
        check("provenance", Artifact.Role.PROVENANCE);
    }

    private void check(String name, Artifact.Role role) throws IOException {
        var artifact = release.manifest().artifact(role);
        if (artifact.isEmpty()) {
            return;
        }
        if (artifact.get().sizeBytes() > MAX_BYTES) {
            checks.notChecked(name, "larger than %d bytes".formatted(MAX_BYTES));
            return;
        }
        checks.check(name, () -> document(artifact.get()));
    }

    private String document(Artifact artifact) throws IOException, FlipsideException {
        ObjectNode document =
                StrictJson.parse(
                        Files.readAllBytes(release.folder().resolve(artifact.name())),
                        artifact.name(),
                        FailureCode.METADATA_MALFORMED);
        int found = compare(artifact, document, MAX_DEPTH);
        return found == 0
                ? "names no file of the release"
                : "%d digests of the release's files".formatted(found);
    }

    /** What an object is about: SPDX and our CycloneDX have a product's name as its name. */
    private static String fileName(JsonNode node) {
        if (node.path("packageFileName").isTextual()) {
            return node.get("packageFileName").textValue();
        }
        for (JsonNode property : node.path("properties")) {
            if (property.path("name").asText().equals("flipside:file")) {
                return property.path("value").asText();
            }
        }
        return node.path("name").asText();
    }

    /** Compares the digests of every object that has the name of a file, and one. */
    private int compare(Artifact artifact, JsonNode node, int depth) throws FlipsideException {
        if (depth == 0) {
            return 0;
        }
        String name = fileName(node);
        int found = 0;
        if (digests.containsKey(name)) {
            found += compare(artifact, name, node.path("digest").path("sha256"));
            for (JsonNode hash : node.path("hashes")) {
                if (hash.path("alg").asText().equals("SHA-256")) {
                    found += compare(artifact, name, hash.path("content"));
                }
            }
            for (JsonNode checksum : node.path("checksums")) {
                if (checksum.path("algorithm").asText().equals("SHA256")) {
                    found += compare(artifact, name, checksum.path("checksumValue"));
                }
            }
        }
        for (JsonNode child : node) {
            found += compare(artifact, child, depth - 1);
        }
        return found;
    }

    private int compare(Artifact document, String name, JsonNode digest) throws FlipsideException {
        if (!digest.isTextual()) {
            return 0;
        }
        if (!digest.textValue().equalsIgnoreCase(digests.get(name))) {
            throw new FlipsideException(
                    FailureCode.METADATA_MISMATCH,
                    "%s: '%s'".formatted(document.name(), name),
                    "SHA-256 " + digests.get(name),
                    digest.textValue(),
                    "build the release again");
        }
        return 1;
    }
}
