package dev.flipside.builder.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.boot.uki.TestingPe;
import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.builder.recipe.Change;
import dev.flipside.builder.recipe.Recipe;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.release.ReleaseManifestJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a release says about itself. */
final class ReleaseDocumentsTest {
    @TempDir private Path folder;

    private static final class Silent implements BuildProgress.Step {
        @Override
        public void advance(long more) {}

        @Override
        public void close() {}
    }

    private Path release(String version) throws IOException, FlipsideException {
        Path out = folder.resolve("release-" + version);
        BuildRequest request =
                new BuildRequest(
                        TestingRoot.tar().in(folder),
                        ImageChoice.any(),
                        "edge",
                        version,
                        Usage.ROOT,
                        out,
                        2,
                        BuildRequest.BootOverrides.none(),
                        BuildRequest.Signatures.none(),
                        "console=ttyS0",
                        new Recipe(
                                List.of(
                                        new Change(
                                                Change.Kind.KERNEL_OPTION,
                                                "quiet",
                                                Optional.empty(),
                                                Optional.of("less to read")))),
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        3,
                        2);
        ReleaseBuild.run(request, (name, total) -> new Silent());
        return out;
    }

    private static ReleaseManifest manifest(Path release) throws IOException, FlipsideException {
        return ReleaseManifestJson.parse(Files.readAllBytes(release.resolve("release.json")));
    }

    @Test
    void saysWhatTheReleaseWasMadeFrom() throws Exception {
        Path release = release("1.2");
        JsonNode statement = json(release.resolve("provenance.json"));
        TreeMap<String, String> subjects = new TreeMap<>();
        for (JsonNode subject : statement.path("subject")) {
            subjects.put(
                    subject.path("name").textValue(), subject.at("/digest/sha256").textValue());
        }
        TreeMap<String, String> artifacts = new TreeMap<>();
        for (Artifact artifact : manifest(release).artifacts()) {
            if (artifact.role() != Artifact.Role.PROVENANCE) {
                artifacts.put(artifact.name(), artifact.sha256());
            }
        }
        assertEquals(artifacts, subjects);
        JsonNode definition = statement.at("/predicate/buildDefinition");
        assertEquals("1.2", definition.at("/externalParameters/version").textValue());
        assertEquals("less to read", definition.at("/externalParameters/recipe/0/why").textValue());
        JsonNode stub = definition.at("/resolvedDependencies/3");
        assertEquals("/" + TestingRoot.STUB_PATH, stub.at("/annotations/path").textValue());
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(TestingPe.stub());
        assertEquals(HexFormat.of().formatHex(digest), stub.at("/digest/sha256").textValue());
    }

    @Test
    void writesSbomsOfTheImageThatItWrote() throws Exception {
        Path release = release("1.2");
        String image = manifest(release).artifact(Artifact.Role.IMAGE).orElseThrow().sha256();
        assertEquals(
                image,
                json(release.resolve("sbom.spdx.json"))
                        .at("/packages/0/checksums/0/checksumValue")
                        .textValue());
        assertEquals(
                image,
                json(release.resolve("sbom.cdx.json"))
                        .at("/metadata/component/hashes/0/content")
                        .textValue());
    }

    private static JsonNode json(Path file) throws IOException, FlipsideException {
        return StrictJson.parse(
                Files.readAllBytes(file), file.toString(), FailureCode.MANIFEST_MALFORMED);
    }

    @Test
    void saysNothingOfTheMachine() throws Exception {
        Path release = release("1");
        for (String name : new String[] {"provenance.json", "sbom.spdx.json", "sbom.cdx.json"}) {
            String text = Files.readString(release.resolve(name), StandardCharsets.UTF_8);
            assertFalse(text.contains(folder.toString()), name);
            assertFalse(text.contains(folder.getFileName().toString()), name);
        }
    }
}
