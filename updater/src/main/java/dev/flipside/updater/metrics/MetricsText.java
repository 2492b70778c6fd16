package dev.flipside.updater.metrics;

import dev.flipside.updater.coordinator.Status;
import dev.flipside.updater.lifecycle.HostFacts.SlotFacts;
import dev.flipside.updater.lifecycle.ReleaseRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** The metrics of a host in Prometheus' text format, version 0.0.4. Pure. */
public final class MetricsText {
    /** For the header {@code Content-Type}. */
    public static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final double MILLIS_PER_SECOND = 1000;
    private static final List<String> STATES =
            List.of(
                    "idle",
                    "checking",
                    "held",
                    "staging",
                    "staged",
                    "activating",
                    "reboot-pending",
                    "trial",
                    "committed",
                    "rolled-back");

    private final StringBuilder text = new StringBuilder();

    private MetricsText() {}

    public static String of(Status status, Counters.Snapshot counted, Instant now) {
        MetricsText metrics = new MetricsText();
        metrics.ofHost(status);
        metrics.ofWork(counted);
        status.memory()
                .asked()
                .ifPresent(
                        asked ->
                                metrics.gauge(
                                        "flipside_last_good_poll_age_seconds",
                                        "Time since the repository was asked with success.",
                                        Math.max(
                                                0,
                                                Duration.between(asked, now).toMillis()
                                                        / MILLIS_PER_SECOND)));
        return metrics.text.toString();
    }

    private void ofHost(Status status) {
        head("flipside_state", "gauge", "1 for the state that the host is in.");
        for (String state : STATES) {
            boolean is = status.memory().state().name().equals(state);
            sample("flipside_state{state=\"%s\"}".formatted(state), is ? 1 : 0);
        }
        head("flipside_slot_info", "gauge", "What each slot holds.");
        slot(status.facts().booted(), true);
        slot(status.facts().inactive(), false);
        gauge("flipside_on_hold", "1 while the operator holds updates.", status.policy().hold());
        gauge("flipside_pinned", "1 while a version is pinned.", status.policy().pin().isPresent());
        gauge("flipside_security_floor", "The security floor.", status.facts().floor());
        gauge(
                "flipside_rejected_releases",
                "Releases that were undone and are not tried again.",
                (double) status.memory().setbacks().stream().filter(it -> it.rejects()).count());
    }

    private void ofWork(Counters.Snapshot counted) {
        head(
                "flipside_update_bytes_total",
                "counter",
                "Bytes that updates fetched, found on this host, and wrote.");
        counted.bytes()
                .forEach(
                        (kind, bytes) ->
                                sample(
                                        "flipside_update_bytes_total{kind=\"%s\"}".formatted(kind),
                                        (double) bytes));
        head("flipside_polls_total", "counter", "How often the timer asked the repository.");
        counted.polls()
                .forEach(
                        (outcome, count) ->
                                sample(
                                        "flipside_polls_total{outcome=\"%s\"}".formatted(outcome),
                                        (double) count));
        head("flipside_failures_total", "counter", "Failures by their code.");
        counted.failures()
                .forEach(
                        (code, count) ->
                                sample(
                                        "flipside_failures_total{code=\"%s\"}"
                                                .formatted(escaped(code)),
                                        (double) count));
        head("flipside_command_duration_seconds", "summary", "How long each step took.");
        counted.durations()
                .forEach(
                        (command, duration) -> {
                            String labels = "{command=\"%s\"}".formatted(escaped(command));
                            sample(
                                    "flipside_command_duration_seconds_sum" + labels,
                                    duration.seconds());
                            sample(
                                    "flipside_command_duration_seconds_count" + labels,
                                    (double) duration.count());
                        });
        gauge(
                "flipside_staging_progress_ratio",
                "How far the present phase of staging is; 0 when nothing is staged.",
                counted.progressRatio());
        head(
                "flipside_event_clients_dropped_total",
                "counter",
                "Clients of the event stream that did not read.");
        sample("flipside_event_clients_dropped_total", (double) counted.droppedClients());
    }

    private void slot(SlotFacts slot, boolean booted) {
        sample(
                "flipside_slot_info{slot=\"%s\",booted=\"%s\",version=\"%s\"}"
                        .formatted(
                                slot.name(),
                                booted,
                                escaped(slot.release().map(ReleaseRef::version).orElse(""))),
                1);
    }

    private void gauge(String name, String help, boolean value) {
        gauge(name, help, value ? 1 : 0);
    }

    private void gauge(String name, String help, double value) {
        head(name, "gauge", help);
        sample(name, value);
    }

    private void head(String name, String type, String help) {
        text.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
    }

    private void sample(String series, double value) {
        boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
        text.append(series)
                .append(' ')
                .append(
                        whole
                                ? Long.toString((long) value)
                                : String.format(Locale.ROOT, "%.6f", value))
                .append('\n');
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
