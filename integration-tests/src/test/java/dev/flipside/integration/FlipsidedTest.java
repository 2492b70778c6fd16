package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.platform.DatagramInbox;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as systemd starts it, and flipctl as its operator uses it. */
@Timeout(300)
class FlipsidedTest {
    /** A minute of what the watchdog is told. */
    private static final int MAX_WORDS = 300;

    @TempDir static Path vendor;
    private static Workbench bench;
    private static Path disk;

    @TempDir Path folder;
    private Workbench.Host host;
    private int hosts;

    @BeforeAll
    static void publishTwoReleases() throws Exception {
        bench = Workbench.open(vendor).withTwoReleases();
        bench.publish("1");
        bench.publish("2");
        disk = bench.disk("1", "16MiB");
    }

    @BeforeEach
    void install() throws Exception {
        host = install(bench.repository().toUri());
    }

    private Workbench.Host install(URI url) throws IOException {
        Workbench.Host made =
                bench.install(disk, folder.resolve("host-" + hosts++).toString(), url);
        made.boot();
        return made;
    }

    @Test
    void updatesTheHostTellsSystemdAndStopsCleanly() throws Exception {
        String notify = folder.resolve("notify").toString();
        try (DatagramInbox systemd = DatagramInbox.at(notify);
                DaemonProcess daemon =
                        DaemonProcess.launch(
                                host,
                                DaemonProcess.MAIN,
                                Map.of("NOTIFY_SOCKET", notify, "WATCHDOG_USEC", "400000"),
                                "--config",
                                host.configuration())) {
            assertEquals(Optional.of("READY=1"), systemd.next(60_000));
            assertEquals(Optional.of("WATCHDOG=1"), systemd.next(10_000));
            daemon.awaitLog("\"code\":\"reboot-pending\"");
            daemon.signal("HUP");
            assertEquals("RELOADING=1", next(systemd).lines().findFirst().orElseThrow());
            assertEquals("READY=1", next(systemd));
            assertEquals(0, daemon.stop());
            assertEquals("STOPPING=1", next(systemd));
            for (ObjectNode entry : daemon.entries()) {
                assertTrue(
                        entry.path("code").isTextual() && entry.path("event").isTextual(),
                        entry::toString);
            }
        }
        host.boot();
        host.expect("2", "1", "committed");
    }

    /** The next word that is not about the watchdog. */
    private static String next(DatagramInbox systemd) {
        for (int words = 0; words < MAX_WORDS; words++) {
            String word = systemd.next(30_000).orElseThrow();
            if (!word.equals("WATCHDOG=1")) {
                return word;
            }
        }
        throw new AssertionError("systemd is told of the watchdog alone");
    }

    @Test
    void answersFlipctlWithWhatFlipctlWouldSayItself() throws Exception {
        host.flipctl("hold");
        List<List<String>> commands =
                List.of(
                        List.of("status"),
                        List.of("status", "--json"),
                        List.of("why"),
                        List.of("why", "--json"),
                        List.of("unhold", "--json"),
                        List.of("hold"));
        List<String> alone = new ArrayList<>();
        for (List<String> command : commands) {
            alone.add(host.flipctl(command.toArray()));
        }
        try (DaemonProcess daemon = DaemonProcess.start(host)) {
            daemon.awaitLog("\"event\":\"poll\"");
            String entry = host.flipctl("history").lines().toList().getLast();
            assertTrue(entry.contains("held"), entry);
            host.flipctl("unhold");
            host.flipctl("hold");
            assertTrue(host.flipctl("status").contains("on hold"));
            String line =
                    CommandLine.flipctl()
                            .refuses(
                                    FailureCode.UPDATE_HELD,
                                    "--config",
                                    host.configuration(),
                                    "update");
            assertTrue(line.contains("hold"), line);
            assertEquals(alone.get(4), host.flipctl("unhold", "--json"));
            assertEquals(alone.get(5), host.flipctl("hold"));
            assertEquals("the configuration was read again\n", host.flipctl("config", "reload"));
        }
        assertEquals(alone.get(5), host.flipctl("hold"));
    }

    @Test
    void showsProgressOfADaemonAsOfItsOwn() throws Exception {
        host.flipctl("hold");
        try (DaemonProcess daemon = DaemonProcess.start(host)) {
            daemon.awaitLog("\"event\":\"poll\"");
            host.flipctl("unhold");
            List<String> lines = host.flipctl("update", "--json").lines().toList();
            assertTrue(lines.getFirst().startsWith("{\"event\":\"progress\""), lines.toString());
            assertTrue(lines.getLast().contains("\"reboot-pending\""), lines.toString());
        }
    }

    @Test
    void isTheOnlyOneOfItsHost() throws Exception {
        host.flipctl("hold");
        try (DaemonProcess first = DaemonProcess.start(host);
                DaemonProcess second =
                        DaemonProcess.launch(
                                host,
                                DaemonProcess.MAIN,
                                Map.of(),
                                "--config",
                                host.configuration())) {
            assertEquals(FailureCode.UPDATER_BUSY.group().exitCode(), second.awaitEnd());
            assertTrue(second.text().contains("[updater-busy]"), second::text);
            assertTrue(host.flipctl("status").contains("on hold"));
            assertTrue(first.isAlive());
        }
    }

    @Test
    void doesNotStartOnAConfigurationThatIsWrong() throws Exception {
        Files.writeString(host.configuration(), "[polcy]\n");
        try (DaemonProcess daemon =
                DaemonProcess.launch(
                        host, DaemonProcess.MAIN, Map.of(), "--config", host.configuration())) {
            assertEquals(FailureCode.CONFIG_INVALID.group().exitCode(), daemon.awaitEnd());
            assertTrue(daemon.text().contains("did you mean 'policy'?"), daemon::text);
            assertEquals("config-invalid", daemon.entries().getFirst().path("code").asText());
        }
    }

    @Test
    void runsByTheImagesConfigurationAndIsHeldWhileTheOperatorsIsWrong() throws Exception {
        Path root = host.folder().resolve("system");
        Path image = Files.createDirectories(root.resolve("usr/lib/flipside/config.d"));
        Files.copy(host.configuration(), image.resolve("10-host.toml"));
        Files.writeString(image.resolve("20-polls.toml"), "[policy]\npoll-jitter = \"0s\"\n");
        Path operators = Files.createDirectories(root.resolve("etc/flipside/config.d"));
        Path slip = Files.writeString(operators.resolve("50.toml"), "\n[polcy]\n");
        Path main = root.resolve("etc/flipside/flipside.toml");
        try (DaemonProcess daemon =
                DaemonProcess.launch(host, DaemonProcess.MAIN, Map.of(), "--config", main)) {
            daemon.awaitLog("\"event\":\"poll\"");
            assertTrue(daemon.text().contains(slip + ", line 2"), daemon::text);
            host.expect("1", "null", "held");
            String why = host.flipctl("why");
            assertTrue(why.contains("held    configuration"), why);
            assertTrue(host.flipctl("status").contains(slip + ", line 2"));
            CommandLine.flipctl()
                    .refuses(FailureCode.CONFIG_INVALID, "--config", main, "config", "check");
            CommandLine.flipctl()
                    .refuses(FailureCode.CONFIG_INVALID, "--config", main, "config", "reload");
            Files.delete(slip);
            CommandLine.flipctl().check("--config", main, "config", "reload");
            host.flipctl("update");
            host.expect("1", "2", "reboot-pending");
        }
    }

    @Test
    void saysThatOnlyTheDaemonCanDoIt() throws Exception {
        host.refuses(FailureCode.DAEMON_UNREACHABLE, "config", "reload");
        host.refuses(FailureCode.DAEMON_UNREACHABLE, "status", "--watch");
    }

    @Test
    void watchesWhatHappensUntilTheDaemonGoes() throws Exception {
        host.flipctl("hold");
        try (DaemonProcess daemon = DaemonProcess.start(host)) {
            daemon.awaitLog("\"event\":\"poll\"");
            Path seen = folder.resolve("seen");
            List<String> line = CommandLine.java("dev.flipside.updater.cli.Flipctl");
            Process watch =
                    new ProcessBuilder(with(line, "status", "--watch"))
                            .redirectErrorStream(true)
                            .redirectOutput(seen.toFile())
                            .start();
            awaitText(seen, "hello");
            host.flipctl("unhold");
            host.flipctl("update");
            awaitText(seen, "reboot-pending");
            daemon.stop();
            assertEquals(0, watch.waitFor());
            String text = Files.readString(seen);
            assertTrue(text.contains("write-slot"), text);
        }
    }

    private List<String> with(List<String> line, String... arguments) {
        List<String> all = new ArrayList<>(line);
        all.addAll(List.of("--config", host.configuration().toString()));
        all.addAll(List.of(arguments));
        return all;
    }

    private static void awaitText(Path file, String text) {
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(60))
                .until(() -> Files.readString(file).contains(text));
    }

    @Test
    void stopsInTheMiddleOfAnUpdateAndGoesOnAfterTheNextStart() throws Exception {
        try (StallingServer slow = StallingServer.of(bench.repository())) {
            Workbench.Host far = install(slow.uri());
            try (DaemonProcess daemon = DaemonProcess.start(far)) {
                slow.awaitStall();
                assertTrue(far.flipctl("status").contains("staging"), far.flipctl("status"));
                assertEquals(0, daemon.stop());
            }
            far.expect("1", "null", "idle");
            slow.goOn();
            try (DaemonProcess daemon = DaemonProcess.start(far)) {
                daemon.awaitLog("\"code\":\"reboot-pending\"");
                assertEquals(0, daemon.stop());
            }
            far.boot();
            far.expect("2", "1", "committed");
        }
    }
}
