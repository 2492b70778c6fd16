package dev.flipside.updater.health;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.platform.DurableFolder;
import dev.flipside.updater.health.TrialRecord.Outcome;
import dev.flipside.updater.lifecycle.BootReview.TrialEvidence;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The folder {@code trials/}: all that a release on trial writes. The release that was there before
 * reads it, which may be older, so that nothing in it is required but what was there from the
 * beginning.
 */
public final class TrialRecords {
    private static final String FOLDER = "trials";
    private static final int MAX_BYTES = 64 << 10;
    private static final int MAX_LINES = 32;
    private static final int MAX_FILES = 256;
    private static final int TRIES = 3;
    private static final String BEGAN = "a trial began at %s";
    private static final String UNMARKED =
            "its checks passed at %s, and nobody marked its entry good (systemd-bless-boot)";
    private static final Pattern BOOT_ID = Pattern.compile("[A-Za-z0-9-]{1,64}");

    private final DurableFolder state;

    /**
     * @param state the host's state folder
     */
    public TrialRecords(DurableFolder state) {
        this.state = state;
    }

    public void write(TrialRecord record) throws IOException {
        if (!BOOT_ID.matcher(record.bootId()).matches()) {
            throw new IOException("boot id '%s'".formatted(record.bootId()));
        }
        ObjectNode node =
                StrictJson.object()
                        .put("format", 1)
                        .put("sequence", record.sequence())
                        .put("bootId", record.bootId())
                        .put("rootHash", record.rootHash())
                        .put("outcome", record.outcome().code())
                        .put("at", record.at().toString());
        ArrayNode lines = node.putArray("lines");
        record.lines().stream().limit(MAX_LINES).map(OneLine::of).forEach(lines::add);
        state.replace(
                "%s/%010d-%s.json".formatted(FOLDER, record.sequence(), record.bootId()),
                DurableFolder.Content.of(StrictJson.pretty(node)));
    }

    /** What can be read, by file name, so the oldest sequence first. */
    public List<TrialRecord> all() throws IOException {
        List<TrialRecord> records = new ArrayList<>();
        for (String name : state.list(FOLDER).stream().limit(MAX_FILES).toList()) {
            if (!name.endsWith(TrialJournals.ENDING)) {
                Optional<byte[]> bytes = state.read(FOLDER + "/" + name, MAX_BYTES);
                bytes.flatMap(TrialRecords::parse).ifPresent(records::add);
            }
        }
        return records;
    }

    /** What the trials of an image have shown. */
    public TrialEvidence evidence(String rootHash) throws IOException {
        List<TrialRecord> own = of(rootHash);
        List<String> failed =
                own.stream()
                        .filter(record -> record.outcome() == Outcome.FAILED)
                        .flatMap(record -> record.lines().stream())
                        .distinct()
                        .limit(MAX_LINES)
                        .toList();
        if (own.stream().anyMatch(record -> record.outcome() == Outcome.FAILED)) {
            return new TrialEvidence.Failed(failed);
        }
        Optional<List<String>> given = new TrialJournals(state, FOLDER).last(rootHash);
        List<String> unfinished = new ArrayList<>(lines(own, Outcome.STARTED, BEGAN));
        if (unfinished.isEmpty()) {
            return given.isPresent()
                    ? new TrialEvidence.NotBegun(given.get())
                    : new TrialEvidence.None();
        }
        unfinished.addAll(given.orElse(List.of()));
        return new TrialEvidence.Unfinished(unfinished);
    }

    /**
     * The same for an image whose entries are out of tries: checks that passed do not explain that.
     *
     * @param sequences of these entries; an older one may have passed, and was marked good
     */
    public TrialEvidence evidence(String rootHash, Set<Long> sequences) throws IOException {
        TrialEvidence evidence = evidence(rootHash);
        List<TrialRecord> latest =
                of(rootHash).stream().filter(it -> sequences.contains(it.sequence())).toList();
        List<String> unmarked = lines(latest, Outcome.PASSED, UNMARKED);
        return evidence instanceof TrialEvidence.None && !unmarked.isEmpty()
                ? new TrialEvidence.Unfinished(unmarked)
                : evidence;
    }

    private List<TrialRecord> of(String rootHash) throws IOException {
        return all().stream().filter(record -> record.rootHash().equals(rootHash)).toList();
    }

    /** One for each try that came as far as that. */
    private static List<String> lines(List<TrialRecord> records, Outcome outcome, String line) {
        return records.stream()
                .filter(record -> record.outcome() == outcome)
                .map(record -> line.formatted(record.at()))
                .limit(TRIES)
                .toList();
    }

    /** Removes what trials of an image have written, and what cannot be read. */
    public void clear(String rootHash) throws IOException {
        new TrialJournals(state, FOLDER).clear(rootHash);
        for (String name : state.list(FOLDER)) {
            if (name.endsWith(TrialJournals.ENDING)) {
                continue;
            }
            String path = FOLDER + "/" + name;
            Optional<TrialRecord> record = state.read(path, MAX_BYTES).flatMap(TrialRecords::parse);
            if (record.isEmpty() || record.get().rootHash().equals(rootHash)) {
                state.remove(path);
            }
        }
    }

    /** Empty for a file that is no record: a trial that says nothing is as none. */
    private static Optional<TrialRecord> parse(byte[] bytes) {
        try {
            ObjectNode node = StrictJson.parse(bytes, FOLDER, FailureCode.STATE_MALFORMED);
            List<String> lines = new ArrayList<>();
            for (JsonNode line : node.path("lines")) {
                if (lines.size() < MAX_LINES) {
                    lines.add(OneLine.of(line.asText()));
                }
            }
            for (Outcome outcome : Outcome.values()) {
                if (outcome.code().equals(node.path("outcome").asText())) {
                    return Optional.of(
                            new TrialRecord(
                                    node.path("sequence").asLong(),
                                    node.path("bootId").asText(),
                                    node.path("rootHash").asText(),
                                    outcome,
                                    Instant.parse(node.path("at").asText()),
                                    lines));
                }
            }
            return Optional.empty();
        } catch (FlipsideException | DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
