package dev.flipside.updater.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
        assertTrue(
                new Verdict(HealthChecks.load(root, FOLDERS).run(new FakeMachine(root))).healthy());
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
            Verdict verdict =
                    new Verdict(HealthChecks.load(root, FOLDERS).run(new FakeMachine(root)));
            assertFalse(verdict.healthy(), text);
            assertTrue(verdict.failures().getFirst().contains("[config-invalid]"), text);
        }
        put("usr/lib/flipside/health.d/a.toml", "[other]\n");
        assertFalse(
                new Verdict(HealthChecks.load(root, FOLDERS).run(new FakeMachine(root))).healthy());
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
    void readsEveryTypeWithItsDefaults() throws IOException {
        check(
                """
                type = "units"
                active = ["containerd.service"]
                none-failed = true
                ignore = ["getty@tty1.service"]
                [[check]]
                type = "http"
                url = "http://127.0.0.1:8080/healthz"
                status = 204
                required = false
                [[check]]
                type = "tcp"
                port = 6443
                timeout = "3s"
                [[check]]
                name = "disk"
                type = "command"
                command = ["/usr/bin/check-disk", "--fast"]
                [[check]]
                type = "kubelet"
                [[check]]
                type = "can-stage"
                """);
        assertEquals(
                List.of(
                        new UnitsCheck(
                                new CheckTerms("units", true, Duration.ofSeconds(10)),
                                List.of("containerd.service"),
                                true,
                                List.of("getty@tty1.service")),
                        new HttpCheck(
                                new CheckTerms(
                                        "http://127.0.0.1:8080/healthz",
                                        false,
                                        Duration.ofSeconds(10)),
                                URI.create("http://127.0.0.1:8080/healthz"),
                                OptionalInt.of(204),
                                Optional.empty()),
                        new TcpCheck(
                                new CheckTerms("127.0.0.1:6443", true, Duration.ofSeconds(3)),
                                "127.0.0.1",
                                6443),
                        new CommandCheck(
                                new CheckTerms("disk", true, Duration.ofSeconds(30)),
                                List.of("/usr/bin/check-disk", "--fast")),
                        new HttpCheck(
                                new CheckTerms("kubelet", true, Duration.ofSeconds(10)),
                                URI.create("http://127.0.0.1:10248/healthz"),
                                OptionalInt.of(200),
                                Optional.of("ok")),
                        new StagingCheck(
                                new CheckTerms("can-stage", true, Duration.ofSeconds(10)))),
                HealthChecks.load(root, FOLDERS).checks());
    }

    @Test
    void namesTheKeyOrTypeThatWasMeant() throws IOException {
        check("type = \"units\"\nactiv = [\"a.service\"]\nnone-failed = true\n");
        assertTrue(line().contains("did you mean 'active'?"), line());
        check("type = \"unit\"\n");
        assertTrue(line().contains("did you mean 'units'?"), line());
    }

    @Test
    void refusesValuesThatMeanNothing() throws IOException {
        for (String text :
                List.of(
                        "type = \"units\"\n",
                        "type = \"units\"\nactive = [\"containerd\"]\n",
                        "type = \"units\"\nactive = [\"--now.service\"]\n",
                        "type = \"units\"\nactive = \"a.service\"\n",
                        "type = \"http\"\nurl = \"file:///etc/passwd\"\n",
                        "type = \"http\"\nurl = \"http:///\"\n",
                        "type = \"http\"\nurl = \"http://127.0.0.1:80800/\"\n",
                        "type = \"http\"\nurl = \"http://h/\"\nstatus = 42\n",
                        "type = \"tcp\"\n",
                        "type = \"tcp\"\nport = 0\n",
                        "type = \"command\"\ncommand = [\"ls\"]\n",
                        "type = \"command\"\ncommand = \"/bin/ls\"\n",
                        "type = \"kubelet\"\nport = 70000\n",
                        "type = \"repository\"\nrequired = 1\n",
                        "type = \"can-stage\"\ntimeout = \"6m\"\n",
                        "type = \"can-stage\"\ntimeout = \"soon\"\n")) {
            check(text);
            assertTrue(line().contains("[config-invalid]"), () -> text);
        }
    }

    private String line() {
        HealthResult result =
                HealthChecks.load(root, FOLDERS).run(new FakeMachine(root)).getFirst();
        assertTrue(result.failed(), result.line());
        return result.line();
    }

    @Test
    void runsTheScriptsOfBothFoldersAsGreenbootDoes() throws IOException {
        put("usr/lib/flipside/health.d/required.d/10-disk", "");
        put("usr/lib/flipside/health.d/required.d/.10-disk.swp", "");
        put("usr/lib/flipside/health.d/wanted.d/20-nice.sh", "");
        put("etc/flipside/health.d/required.d/10-disk", "");
        FakeMachine machine = new FakeMachine(root);
        machine.programs.put(
                "/usr/lib/flipside/health.d/wanted.d/20-nice.sh",
                new Surroundings.Ended(1, false, "not nice\n"));
        List<HealthResult> results = HealthChecks.load(root, FOLDERS).run(machine);
        assertEquals(
                List.of(
                        "/etc/flipside/health.d/required.d/10-disk",
                        "/usr/lib/flipside/health.d/wanted.d/20-nice.sh"),
                machine.ran);
        assertTrue(results.getFirst().failed(), "cannot be started");
        assertEquals(HealthResult.Finding.INDETERMINATE, results.get(1).finding());
        assertEquals("expected exit code 0, found 1: not nice", results.get(1).evidence());
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
                HealthChecks.load(root, FOLDERS).run(new FakeMachine(root));
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
        List<HealthResult> results = HealthChecks.load(root, FOLDERS).run(new FakeMachine(root));
        assertEquals(List.of(line), results.stream().map(HealthResult::line).toList());
        assertEquals(passed, results.getFirst().passed());
    }
}
