package dev.flipside.updater.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.coordinator.SmallHost;
import dev.flipside.updater.coordinator.TestRelease;
import dev.flipside.updater.coordinator.TestRepository;
import dev.flipside.updater.journal.History;
import dev.flipside.updater.lifecycle.UpdateState;
import dev.flipside.updater.slot.Progress;
import dev.flipside.updater.slot.StageTally;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class MetricsTextTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);

    private final Counters counters = new Counters();

    private String text(Instant at) throws Exception {
        SmallHost host = SmallHost.installed(new TestRepository(TestRelease.of("1", 1, true)), 1);
        host.bootUntilHealthy(CLOCK);
        host.coordinator(CLOCK).check(Optional.empty());
        return MetricsText.of(host.coordinator(CLOCK).status(), counters.snapshot(), at);
    }

    private static History.Entry entry(String event, ObjectNode details) {
        return new History.Entry(NOW, event, "ok", details);
    }

    @Test
    void countsBytesStepsAndFailures() throws Exception {
        counters.done(
                entry(
                        "write-slot",
                        StrictJson.object()
                                .put("fetchedBytes", 10)
                                .put("reusedBytes", 20)
                                .put("writtenBytes", 30)),
                1.5);
        counters.done(
                entry(
                        "write-uki",
                        StrictJson.object().put("ukiBytes", 5).put("ukiFetchedBytes", 2)),
                0.5);
        counters.done(entry("write-slot", StrictJson.object()), 2);
        counters.failed("no-room");
        counters.failed("no-room");
        String text = text(NOW.plusSeconds(90));
        for (String line :
                List.of(
                        "flipside_update_bytes_total{kind=\"fetched\"} 12",
                        "flipside_update_bytes_total{kind=\"reused\"} 20",
                        "flipside_update_bytes_total{kind=\"written\"} 35",
                        "flipside_command_duration_seconds_sum{command=\"write-slot\"} 3.500000",
                        "flipside_command_duration_seconds_count{command=\"write-slot\"} 2",
                        "flipside_failures_total{code=\"no-room\"} 2",
                        "flipside_last_good_poll_age_seconds 90",
                        "flipside_slot_info{slot=\"A\",booted=\"true\",version=\"1\"} 1",
                        "flipside_slot_info{slot=\"B\",booted=\"false\",version=\"\"} 1",
                        "flipside_polls_total{outcome=\"good\"} 0")) {
            assertTrue(text.lines().toList().contains(line), () -> line + "\n" + text);
        }
    }

    @Test
    void isInExactlyOneState() throws Exception {
        String text = text(NOW);
        assertEquals(
                1,
                text.lines()
                        .filter(line -> line.startsWith("flipside_state{") && line.endsWith(" 1"))
                        .count(),
                text);
        assertEquals(
                UpdateState.class.getPermittedSubclasses().length,
                text.lines().filter(line -> line.startsWith("flipside_state{")).count());
    }

    @Test
    void showsHowFarStagingIsAndForgetsItAfterwards() throws Exception {
        counters.at(
                new Progress.Standing(
                        Progress.Phase.FETCHING, 1, 4, new StageTally(0, 0, 0, 0, 0)));
        assertTrue(text(NOW).contains("flipside_staging_progress_ratio 0.250000\n"));
        counters.failed("source-unreachable");
        assertTrue(text(NOW).contains("flipside_staging_progress_ratio 0\n"));
    }

    @Test
    void everyMetricSaysWhatItIsBeforeItsFirstSample() throws Exception {
        String text = text(NOW.minusSeconds(10));
        for (String line : text.lines().filter(it -> !it.startsWith("#")).toList()) {
            String name = line.replaceFirst("[{ ].*", "").replaceFirst("_(sum|count)$", "");
            assertTrue(
                    Stream.of("# HELP ", "# TYPE ")
                            .allMatch(
                                    head ->
                                            text.contains(head + name + " ")
                                                    && text.indexOf(head + name + " ")
                                                            < text.indexOf("\n" + line)),
                    line);
        }
        assertTrue(text.contains("flipside_last_good_poll_age_seconds 0\n"), text);
    }
}
