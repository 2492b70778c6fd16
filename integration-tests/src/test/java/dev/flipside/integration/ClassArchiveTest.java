package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the installed programs do on every host and in every boot takes its classes from the archive
 * of {@code updater/sysroot}, whose list must keep up with the code: what is not in it is made, or
 * read and verified, at each start.
 */
@Timeout(300)
class ClassArchiveTest {
    /** For what this host does and none of those that the list is from. */
    private static final int MAX_ELSEWHERE = 10;

    private static final String OURS = " dev.flipside.";

    /** Made at each start, whatever is in the list. */
    private static final String SWITCH_OVER_TYPES = "$$TypeSwitch";

    private static final int MIN_ARCHIVED = 500;
    private static final String ARCHIVED = "shared objects file";

    @TempDir Path folder;
    private Workbench.Host host;

    @BeforeEach
    void install() throws Exception {
        Workbench bench = Workbench.open(folder.resolve("vendor")).withTwoReleases();
        bench.publish("1");
        host = bench.install(bench.disk("1", "16MiB"), "host", bench.repository().toUri());
        host.boot();
        Sysroot.make();
    }

    @Test
    void isWhereCommandsThatOnlyAskFindTheirClasses() throws Exception {
        for (String command : List.of("--help", "status", "why", "history")) {
            Path log = folder.resolve("flipctl" + command + ".log");
            List<String> line =
                    Sysroot.line(
                            folder,
                            "flipctl",
                            logging(log),
                            "--config",
                            host.configuration(),
                            command);
            Tools.find("env").check(line.toArray());
            requireArchived("flipctl " + command, log);
        }
    }

    @Test
    void isWhereTheDaemonFindsItsClassesUntilItHasPolled() throws Exception {
        Path log = folder.resolve("flipsided.log");
        List<String> line =
                Sysroot.line(folder, "flipsided", logging(log), "--config", host.configuration());
        try (DaemonProcess daemon = DaemonProcess.launch(host, line, Map.of())) {
            daemon.awaitLog("\"event\":\"poll\"");
            assertEquals(0, daemon.stop());
        }
        requireArchived("flipsided", log);
    }

    private static List<String> logging(Path file) {
        return List.of("-Xlog:class+load:file=" + file + "::filecount=0");
    }

    private static void requireArchived(String program, Path log) throws IOException {
        List<String> loaded =
                Files.readAllLines(log).stream().filter(line -> line.contains("source:")).toList();
        List<String> elsewhere = loaded.stream().filter(line -> !line.contains(ARCHIVED)).toList();
        List<String> ours =
                elsewhere.stream()
                        .filter(line -> line.contains(OURS) && !line.contains(SWITCH_OVER_TYPES))
                        .toList();
        System.out.printf(
                "%s: %d classes; %d not from the archive, %d of them ours%n",
                program, loaded.size(), elsewhere.size(), ours.size());
        assertTrue(
                loaded.size() - elsewhere.size() >= MIN_ARCHIVED, () -> "no archive: " + program);
        assertTrue(
                ours.size() <= MAX_ELSEWHERE,
                () -> "updater/sysroot --train\n" + String.join("\n", ours));
    }
}
