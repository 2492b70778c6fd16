package dev.flipside.updater.metrics;

import dev.flipside.updater.journal.History;
import dev.flipside.updater.slot.Progress;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What has been counted since the daemon started. Any thread may count and look. */
public final class Counters {
    private final SortedMap<String, Long> bytes = new TreeMap<>();
    private final SortedMap<String, Long> failures = new TreeMap<>();
    private final SortedMap<String, Duration> durations = new TreeMap<>();
    private final SortedMap<String, Long> polls = new TreeMap<>();
    private long droppedClients;
    private double progressRatio;

    public Counters() {
        List.of("fetched", "reused", "written").forEach(kind -> bytes.put(kind, 0L));
        List.of("good", "failed").forEach(outcome -> polls.put(outcome, 0L));
    }

    /** How often something was done, and how long that took in all. */
    public record Duration(long count, double seconds) {}

    /** All that was counted, at one moment. */
    public record Snapshot(
            SortedMap<String, Long> bytes,
            SortedMap<String, Long> failures,
            SortedMap<String, Duration> durations,
            SortedMap<String, Long> polls,
            long droppedClients,
            double progressRatio) {}

    /** A command is done. */
    public synchronized void done(History.Entry entry, double seconds) {
        durations.merge(
                entry.event(),
                new Duration(1, seconds),
                (a, b) -> new Duration(a.count() + b.count(), a.seconds() + b.seconds()));
        add("fetched", entry, "fetchedBytes");
        add("fetched", entry, "ukiFetchedBytes");
        add("reused", entry, "reusedBytes");
        add("written", entry, "writtenBytes");
        add("written", entry, "ukiBytes");
        progressRatio = 0;
    }

    private void add(String kind, History.Entry entry, String field) {
        bytes.merge(kind, entry.details().path(field).asLong(), Long::sum);
    }

    public synchronized void failed(String code) {
        failures.merge(code, 1L, Long::sum);
        progressRatio = 0;
    }

    public synchronized void polled(boolean good) {
        polls.merge(good ? "good" : "failed", 1L, Long::sum);
    }

    /** A client of the event stream did not read, and is gone. */
    public synchronized void droppedClient() {
        droppedClients++;
    }

    public synchronized void at(Progress.Standing standing) {
        progressRatio = standing.doneBlocks() / (double) Math.max(1, standing.totalBlocks());
    }

    public synchronized Snapshot snapshot() {
        return new Snapshot(
                new TreeMap<>(bytes),
                new TreeMap<>(failures),
                new TreeMap<>(durations),
                new TreeMap<>(polls),
                droppedClients,
                progressRatio);
    }
}
