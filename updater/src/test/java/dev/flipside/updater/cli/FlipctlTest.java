package dev.flipside.updater.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.platform.FolderLock;
import dev.flipside.updater.coordinator.Coordinator;
import dev.flipside.updater.coordinator.SmallHost;
import dev.flipside.updater.coordinator.TestRelease;
import dev.flipside.updater.coordinator.TestRepository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FlipctlTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-11-20T12:00:00Z"));
    private static final Path REFERENCE = Path.of("..", "docs", "reference", "flipctl.md");

    @TempDir Path folder;
    private final TestRepository repository =
            new TestRepository(TestRelease.of("1", 1, true), TestRelease.of("3", 1, false));

    /** What a command printed. */
    private record Ran(int exitCode, String out, String err) {}

    @BeforeEach
    void configure() throws IOException {
        Files.writeString(
                folder.resolve("flipside.toml"),
                """
                [source]
                url = "file://%s/repo"
                [host]
                product = "demo"
                disk = "disk.raw"
                esp = "esp"
                state = "state"
                system-root = "system"
                root-json = "root.json"
                """
                        .formatted(folder));
    }

    private SmallHost host() throws IOException, FlipsideException {
        SmallHost host = SmallHost.installed(repository, 1);
        repository.offer("1");
        host.bootUntilHealthy(CLOCK);
        return host;
    }

    private SmallHost rolledBack() throws IOException, FlipsideException {
        SmallHost host = host();
        repository.offer("3");
        Coordinator coordinator = host.coordinator(CLOCK);
        coordinator.stage(Optional.empty());
        coordinator.activate();
        host.bootUntilHealthy(CLOCK);
        return host;
    }

    private Ran run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--config");
        all.add(folder.resolve("flipside.toml").toString());
        int exitCode =
                new Flipctl(CLOCK)
                        .run(
                                new Console(
                                        new PrintStream(out, true, StandardCharsets.UTF_8),
                                        new PrintStream(err, true, StandardCharsets.UTF_8),
                                        false,
                                        false),
                                all.toArray(String[]::new));
        return new Ran(
                exitCode,
                out.toString(StandardCharsets.UTF_8),
                err.toString(StandardCharsets.UTF_8));
    }

    private static ObjectNode json(Ran ran) throws FlipsideException {
        return StrictJson.parse(
                ran.out().getBytes(StandardCharsets.UTF_8), "output", FailureCode.STATE_MALFORMED);
    }

    @Test
    void showsTheStatus() throws Exception {
        host().writeTo(folder);
        Ran ran = run("status");
        assertEquals(
                """
                product     demo for x86-64
                booted      1 in slot A, committed
                other slot  nothing in slot B
                state       idle
                policy      channel stable, not pinned, not on hold
                floor       0
                """,
                ran.out());
        assertEquals(0, ran.exitCode());
        ObjectNode status = json(run("status", "--json"));
        assertEquals("1", status.path("booted").path("version").asText());
        assertEquals("idle", status.path("state").path("name").asText());
    }

    @Test
    void statusChangesNothing() throws Exception {
        host().writeTo(folder);
        byte[] before = Files.readAllBytes(folder.resolve("state/state.json"));
        run("status");
        run("why");
        run("history");
        assertEquals(
                new String(before, StandardCharsets.UTF_8),
                Files.readString(folder.resolve("state/state.json")));
    }

    @Test
    void saysWhyAReleaseWasUndone() throws Exception {
        rolledBack().writeTo(folder);
        Ran why = run("why");
        assertEquals(0, why.exitCode());
        assertTrue(
                why.out()
                        .startsWith(
                                "rolled-back: 3 was undone, as a health check failed: ready: expected the file"
                                        + " /ready, found none\n"),
                why.out());
        assertTrue(why.out().contains("rejected until 'flipctl allow 3'"), why.out());
        assertEquals(
                "health-check-failed",
                json(run("why", "--json"))
                        .path("setbacks")
                        .path(0)
                        .path("reason")
                        .path("cause")
                        .asText());
        assertTrue(run("history").out().contains("rolled-back"));
        assertEquals("3 may be tried again\n", run("allow", "3").out());
        assertEquals("3 was not rejected\n", run("allow", "3").out());
    }

    @Test
    void setsAndDropsPinAndHold() throws Exception {
        host().writeTo(folder);
        assertEquals(0, run("pin", "1").exitCode());
        assertEquals(0, run("hold").exitCode());
        assertTrue(run("status").out().contains("pinned to 1, on hold"));
        assertEquals(0, run("unpin").exitCode());
        assertEquals(0, run("unhold").exitCode());
        assertTrue(run("status").out().contains("not pinned, not on hold"));
        assertEquals(0, run("pin", "1", "--until", "2099-12-01").exitCode());
        assertTrue(run("status").out().contains("pinned to 1 until 2099-12-01T00:00:00Z,"));
        Ran never = run("pin", "2", "--until", "someday");
        assertEquals(12, never.exitCode());
        assertTrue(never.err().contains("a date as 2026-12-01"), never.err());
        assertTrue(run("status").out().contains("pinned to 1 until"));
        Ran bad = run("pin", "../1");
        assertEquals(12, bad.exitCode());
        assertTrue(bad.err().startsWith("flipctl: "), bad.err());
    }

    @Test
    void saysInOneLineThatTheRepositoryIsNotThere() throws Exception {
        host().writeTo(folder);
        Files.writeString(folder.resolve("root.json"), "{}");
        Ran ran = run("check");
        assertEquals(1, ran.err().lines().count(), ran.err());
        assertTrue(List.of(10, 13).contains(ran.exitCode()), ran.err());
        Files.delete(folder.resolve("root.json"));
        Ran noRoot = run("update");
        assertEquals(12, noRoot.exitCode());
        assertTrue(noRoot.err().contains("[input-missing]"), noRoot.err());
        assertTrue(run("status").out().contains("state       idle"));
        assertTrue(run("status").out().contains("[input-missing]"));
    }

    @Test
    void removesWhatACutHasLeftOnTheEspWhileNobodyElseWorks() throws Exception {
        host().writeTo(folder);
        Path half = Files.write(folder.resolve("esp/flipside/.tmp-0"), new byte[100]);
        Path other = Files.write(folder.resolve("esp/flipside/.tmp-mine"), new byte[100]);
        try (FolderLock _ = FolderLock.tryLock(folder.resolve("state")).orElseThrow()) {
            run("hold");
            assertTrue(Files.exists(half));
        }
        assertEquals(0, run("hold").exitCode());
        assertTrue(Files.notExists(half));
        assertTrue(Files.exists(other));
    }

    @Test
    void letsOnlyOneUpdaterWork() throws Exception {
        host().writeTo(folder);
        try (FolderLock _ = FolderLock.tryLock(folder.resolve("state")).orElseThrow()) {
            Ran ran = run("hold");
            assertEquals(11, ran.exitCode());
            assertEquals(1, ran.err().lines().count(), ran.err());
            assertTrue(ran.err().contains("[updater-busy]"), ran.err());
            assertEquals(0, run("status").exitCode());
        }
        assertEquals(0, run("hold").exitCode());
    }

    @Test
    void saysThatTheRebootOfAFileBackedHostIsPending() throws Exception {
        host().writeTo(folder);
        Ran ran = run("reboot");
        assertEquals(0, ran.exitCode());
        assertTrue(ran.out().startsWith("a reboot is pending"), ran.out());
    }

    @Test
    void refusesARollbackToAnEmptySlot() throws Exception {
        host().writeTo(folder);
        Ran ran = run("rollback");
        assertEquals(11, ran.exitCode());
        assertTrue(ran.err().contains("nothing-to-return-to"), ran.err());
    }

    @Test
    void refusesToActivateWhatIsNotStaged() throws Exception {
        host().writeTo(folder);
        Ran ran = run("activate", "--json");
        assertEquals(11, ran.exitCode());
        assertTrue(ran.err().contains("nothing is staged"), ran.err());
        assertEquals("update-held", json(ran).path("code").asText());
    }

    @Test
    void verifiesSlotsAndSaysWhichIsDamaged() throws Exception {
        host().writeTo(folder);
        Ran ran = run("verify");
        // The image of this test has no hash tree.
        assertEquals(10, ran.exitCode());
        assertTrue(ran.out().contains("slot A: 1 is damaged"), ran.out());
        assertTrue(ran.out().contains("slot B: nothing that can boot"), ran.out());
    }

    @Test
    void checksAndShowsTheConfiguration() throws Exception {
        Path dropIns = Files.createDirectories(folder.resolve("config.d"));
        Path own = Files.writeString(dropIns.resolve("own.toml"), "[policy]\nchannel = \"beta\"\n");
        Ran checked = run("config", "check");
        assertEquals(0, checked.exitCode());
        assertEquals(
                List.of(
                        folder.resolve("flipside.toml").toString(),
                        own.toString(),
                        "the configuration is valid"),
                checked.out().lines().toList());
        JsonNode files = json(run("config", "check", "--json")).path("files");
        assertEquals(own.toString(), files.path(1).asText(), files.toString());
        assertTrue(
                run("config", "show").out().contains("channel = \"beta\"  # " + own + ", line 2"));
        Files.delete(own);
        String shown = run("config", "show").out();
        assertTrue(shown.contains("channel = \"stable\"  # default"), shown);
        assertTrue(shown.contains("disk = \"disk.raw\"  # " + folder), shown);
        assertEquals(
                "default",
                json(run("config", "show", "--json"))
                        .path("policy")
                        .path("channel")
                        .path("origin")
                        .asText());
        Files.writeString(folder.resolve("flipside.toml"), "[hots]\n");
        Ran bad = run("config", "check");
        assertEquals(12, bad.exitCode());
        assertTrue(bad.err().contains("line 1"), bad.err());
        assertTrue(bad.err().contains("did you mean 'host'?"), bad.err());
    }

    @Test
    void saysWhatCannotBeOpened() {
        Ran ran = run("status");
        assertEquals(12, ran.exitCode());
        assertEquals(1, ran.err().lines().count(), ran.err());
    }

    @Test
    void saysThatTheDiskCannotBeRead() throws Exception {
        host().writeTo(folder);
        Files.write(folder.resolve("disk.raw"), new byte[1 << 20]);
        assertEquals(14, run("status").exitCode());
        Files.delete(folder.resolve("disk.raw"));
        Ran ran = run("status");
        assertEquals(14, ran.exitCode());
        assertTrue(ran.err().contains("[disk-unreadable]"), ran.err());
    }

    @Test
    void explainsWrongUsage() {
        assertEquals(2, run("dance").exitCode());
        assertEquals(2, run("pin").exitCode());
        assertEquals(2, run("config").exitCode());
        assertEquals(2, run().exitCode());
        assertEquals(2, run("status", "--loud").exitCode());
        Ran help = run("update", "--help");
        assertEquals(0, help.exitCode());
        assertTrue(help.out().contains("--json"), help.out());
    }

    @Test
    void theReferenceHasEveryCommand() throws IOException {
        String reference = Files.readString(REFERENCE);
        for (Command command : Commands.FLIPCTL.below()) {
            assertInReference(reference, "", command);
        }
    }

    private static void assertInReference(String reference, String prefix, Command command) {
        if (!command.below().isEmpty()) {
            command.below()
                    .forEach(it -> assertInReference(reference, prefix + command.name() + " ", it));
            return;
        }
        String argument = command.positional().map(it -> " " + it.synopsis()).orElse("");
        String row =
                "| `%s%s%s` | %s |"
                        .formatted(prefix, command.name(), argument, command.description());
        assertTrue(reference.contains(row), () -> "missing in flipctl.md: " + row);
    }
}
