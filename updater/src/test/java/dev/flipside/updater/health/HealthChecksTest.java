package dev.flipside.updater.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HealthChecksTest {
    private static final List<String> FOLDERS =
            List.of("/usr/lib/flipside/health.d", "/etc/flipside/health.d");

    /** Of {@code ID=demo} and a line break. */
    private static final String SHA256 =
            "a1b76f3dba83c5428b043804c28702cc5f1fa80a8e10f7b95a3928e600ff4fa7";

    @TempDir Path folder;
    private RootView root;

    @BeforeEach
    void makeRoot() throws IOException {
        root = new FolderRoot(folder);
        put("usr/lib/os-release", "ID=demo\n");
    }

    @Test
    void aReleaseWithoutChecksIsHealthy() {
        assertTrue(new Verdict(HealthChecks.load(root, FOLDERS).run(root)).healthy());
    }

    @Test
    void looksForAFile() throws IOException {
        check("type = \"file\"\npath = \"/usr/lib/os-release\"\n");
        assertResult(true, "/usr/lib/os-release: /usr/lib/os-release is there");
        check("name = \"os\"\ntype = \"file\"\npath = \"/usr/lib/none\"\n");
        assertResult(false, "os: expected the file /usr/lib/none, found none");
        check("type = \"file\"\npath = \"/usr/lib\"\n");
        assertResult(false, "/usr/lib: expected a regular file at /usr/lib, found another kind");
    }

    @Test
    void looksIntoAFile() throws IOException {
        check(
                "name = \"os\"\ntype = \"file\"\npath = \"/usr/lib/os-release\"\ncontains = \"ID=demo\"\n");
        assertResult(true, "os: /usr/lib/os-release is there");
        check(
                "name = \"os\"\ntype = \"file\"\npath = \"/usr/lib/os-release\"\ncontains = \"ID=else\"\n");
        assertResult(false, "os: expected 'ID=else' in /usr/lib/os-release, found none");
        put("usr/lib/os-release", "NAME=Zürich\n");
        check(
                "name = \"os\"\ntype = \"file\"\npath = \"/usr/lib/os-release\"\ncontains = \"Zürich\"\n");
        assertResult(true, "os: /usr/lib/os-release is there");
    }

    @Test
    void comparesADigest() throws IOException {
        String keys =
                "name = \"os\"\ntype = \"file\"\npath = \"/usr/lib/os-release\"\nsha256 = \"%s\"\n";
        check(keys.formatted(SHA256));
        assertResult(true, "os: /usr/lib/os-release has SHA-256 " + SHA256);
        String other = "0".repeat(64);
        check(keys.formatted(other));
        assertResult(
                false,
                "os: expected SHA-256 %s of /usr/lib/os-release, found %s"
                        .formatted(other, SHA256));
    }

    @Test
    void failsACheckThatCannotBeUnderstood() throws IOException {
        for (String text :
                List.of(
                        "",
                        "type = \"file\"\n",
                        "type = \"file\"\npath = \"relative\"\n",
                        "type = \"file\"\npath = \"/a\"\nmode = \"0644\"\n",
                        "type = \"magic\"\npath = \"/a\"\n",
                        "type = \"file\"\npath = 3\n",
                        "type = \"file\"\npath = \"/a\"\nsha256 = \"A\"\n")) {
            check(text);
            Verdict verdict = new Verdict(HealthChecks.load(root, FOLDERS).run(root));
            assertFalse(verdict.healthy(), text);
            assertTrue(verdict.failures().getFirst().contains("[config-invalid]"), text);
        }
        put("usr/lib/flipside/health.d/a.toml", "[other]\n");
        assertFalse(new Verdict(HealthChecks.load(root, FOLDERS).run(root)).healthy());
    }

    @Test
    void takesTheOperatorsFileForTheImagesOfTheSameName() throws IOException {
        check("type = \"file\"\npath = \"/none\"\n");
        put(
                "etc/flipside/health.d/a.toml",
                "[[check]]\ntype = \"file\"\npath = \"/usr/lib/os-release\"\n");
        put("etc/flipside/health.d/README", "not a check");
        assertResult(true, "/usr/lib/os-release: /usr/lib/os-release is there");
    }

    @Test
    void isTotalOnAnyBytes() throws IOException {
        byte[] valid =
                "[[check]]\ntype = \"file\"\npath = \"/usr/lib/os-release\"\n"
                        .getBytes(StandardCharsets.UTF_8);
        Path file = put("usr/lib/flipside/health.d/a.toml", "");
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = valid.clone();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            Files.write(file, bytes);
            try {
                HealthChecks.load(root, FOLDERS).run(root);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void followsLinksInsideTheRootAndNeverOutOfIt() throws IOException {
        Files.createSymbolicLink(folder.resolve("etc-os"), Path.of("/usr/lib/os-release"));
        Files.createSymbolicLink(folder.resolve("lib"), Path.of("usr/lib"));
        Files.createSymbolicLink(
                folder.resolve("out"), Path.of("../../../../../../../../etc/passwd"));
        Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));
        assertEquals(8, root.find("/etc-os").orElseThrow().sizeBytes());
        assertEquals(8, root.find("/lib/os-release").orElseThrow().sizeBytes());
        assertTrue(root.find("/out").isEmpty());
        assertTrue(root.find("/../../usr/lib/os-release").isPresent());
        assertThrows(IOException.class, () -> root.find("/loop"));
        assertThrows(IOException.class, () -> root.open("/out").close());
        assertEquals(List.of("os-release"), root.list("/lib"));
        assertEquals(List.of(), root.list("/none"));
    }

    private void check(String keys) throws IOException {
        put("usr/lib/flipside/health.d/a.toml", keys.isEmpty() ? "" : "[[check]]\n" + keys);
    }

    private Path put(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private void assertResult(boolean passed, String line) {
        List<HealthResult> results = HealthChecks.load(root, FOLDERS).run(root);
        assertEquals(List.of(line), results.stream().map(HealthResult::line).toList());
        assertEquals(passed, results.getFirst().passed());
    }
}
