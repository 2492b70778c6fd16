package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prometheus' own tool judges the metrics of a daemon that has done and failed something. */
class MetricsOracleTest {
    @TempDir Path folder;

    @Test
    void promtoolAcceptsTheMetrics() throws Exception {
        Workbench bench = Workbench.open(folder).withTwoReleases();
        Workbench.Host host = bench.hostOfTheFirst();
        bench.publish("2");
        Path metrics = folder.resolve("metrics");
        try (DaemonProcess daemon = DaemonProcess.start(host)) {
            daemon.awaitLog("\"reboot-pending\"");
            Files.move(bench.repository(), folder.resolve("gone"));
            CommandLine.flipctl()
                    .run("--config", host.configuration(), "pin", "1", "--json")
                    .exitCode();
            host.flipctl("rollback");
            CommandLine.flipctl().run("--config", host.configuration(), "check");
            Files.writeString(metrics, daemon.ask("GET", "/metrics"));
        }
        String text = Files.readString(metrics);
        for (String part :
                List.of(
                        "flipside_failures_total{code=",
                        "flipside_command_duration_seconds_sum{command=\"write-slot\"}",
                        "flipside_update_bytes_total{kind=\"reused\"}",
                        "flipside_last_good_poll_age_seconds ")) {
            assertTrue(text.contains(part), () -> part + "\n" + text);
        }
        assertEquals(described(), sampled(text), "each metric of the reference, with a sample");
        assertEquals("", promtool(metrics, 0));
        Files.writeString(metrics, text + "bad metric 1\n");
        assertNotEquals("", promtool(metrics, 1));
    }

    private static SortedSet<String> described() throws IOException {
        return Pattern.compile("`(flipside_[a-z_]+)")
                .matcher(Files.readString(Path.of("../docs/reference/daemon.md")))
                .results()
                .map(it -> it.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The sum and the count of a summary are samples of one metric. */
    private static SortedSet<String> sampled(String metrics) {
        return metrics.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceFirst("[{ ].*", "").replaceFirst("_(sum|count)$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private String promtool(Path metrics, int expected) throws Exception {
        Tools.Tool promtool = Tools.find("promtool");
        Path output = folder.resolve("output");
        Process process =
                promtool.builder(promtool.line("check", "metrics"))
                        .redirectInput(metrics.toFile())
                        .redirectOutput(output.toFile())
                        .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        String text = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        assertEquals(expected, process.exitValue(), text);
        return text;
    }
}
