package dev.flipside.updater.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.daemon.DaemonLog.Priority;
import dev.flipside.updater.journal.History;
import dev.flipside.updater.journal.Journal;
import dev.flipside.updater.metrics.Counters;
import dev.flipside.updater.operation.ProgressJson;
import dev.flipside.updater.slot.Progress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Where everything goes that happens on the coordinator's thread: to the log, the metrics and the
 * event stream.
 */
final class Feed implements Journal.Listener, Progress {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long PROGRESS_NANOS = 250_000_000;
    private static final String OK = "ok";
    private static final String STATE = "state";

    private final DaemonLog log;
    private final Counters counters;
    private volatile Consumer<ObjectNode> events = event -> {};
    private volatile Runnable sign = () -> {};
    private long lastEntryNanos = System.nanoTime();
    private long lastProgressNanos = lastEntryNanos - PROGRESS_NANOS;
    private Phase lastPhase = Phase.CHECKING;
    private String lastFailure = "";

    Feed(DaemonLog log, Counters counters) {
        this.log = log;
        this.counters = counters;
    }

    /**
     * From now on.
     *
     * @param newEvents who streams events
     * @param newSign is told that work goes on; may throw to end it
     */
    void to(Consumer<ObjectNode> newEvents, Runnable newSign) {
        events = newEvents;
        sign = newSign;
    }

    @Override
    public void told(History.Entry entry) {
        long now = System.nanoTime();
        double seconds = (now - lastEntryNanos) / NANOS_PER_SECOND;
        lastEntryNanos = now;
        if (isFailure(entry.code())) {
            lastFailure = entry.code();
            counters.failed(entry.code());
            write(Priority.WARNING, entry);
        } else {
            if (entry.code().equals(OK)) {
                counters.done(entry, seconds);
            }
            write(entry.event().equals(STATE) ? Priority.NOTICE : Priority.INFO, entry);
        }
        events.accept(entry.json());
    }

    /** A task begins: the time before it belongs to no step. */
    void begin() {
        lastEntryNanos = System.nanoTime();
        lastFailure = "";
    }

    @Override
    public void at(Standing standing) {
        long now = System.nanoTime();
        boolean ends = standing.doneBlocks() >= standing.totalBlocks();
        if (standing.phase() != lastPhase || ends || now - lastProgressNanos >= PROGRESS_NANOS) {
            lastPhase = standing.phase();
            lastProgressNanos = now;
            counters.at(standing);
            ObjectNode event = StrictJson.object().put("event", "progress");
            event.setAll(ProgressJson.of(standing));
            events.accept(event);
        }
        sign.run();
    }

    /** A task has failed; one of its steps may have told so already. */
    void failed(String event, Failure failure) {
        failedAgain(failure);
        log.write(
                DaemonLog.Entry.of(Priority.WARNING, event, failure.code().code(), failure.line()));
    }

    /** A task has failed as before: the metrics count it, and the log has said it. */
    void failedAgain(Failure failure) {
        if (!failure.code().code().equals(lastFailure)) {
            counters.failed(failure.code().code());
        }
    }

    void note(String event, String code, String message) {
        log.write(DaemonLog.Entry.of(Priority.NOTICE, event, code, message));
    }

    void bug(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace, true));
        log.write(DaemonLog.Entry.of(Priority.ERROR, "bug", "bug", trace.toString()));
    }

    private void write(Priority priority, History.Entry entry) {
        Map<String, String> fields = new TreeMap<>();
        entry.details()
                .properties()
                .forEach(
                        field -> {
                            if (field.getValue().isValueNode()) {
                                fields.put(field.getKey(), field.getValue().asText());
                            }
                        });
        String version = entry.details().at("/target/release/version").asText();
        if (!version.isEmpty()) {
            fields.put("version", version);
        }
        String line = fields.getOrDefault("line", "");
        log.write(
                new DaemonLog.Entry(
                        priority,
                        entry.event(),
                        entry.code(),
                        line.isEmpty() ? "%s: %s".formatted(entry.event(), entry.code()) : line,
                        fields));
    }

    private static boolean isFailure(String code) {
        return Arrays.stream(FailureCode.values()).anyMatch(it -> it.code().equals(code));
    }
}
