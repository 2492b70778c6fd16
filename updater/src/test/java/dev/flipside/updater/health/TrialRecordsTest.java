package dev.flipside.updater.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.platform.FaultyFolder;
import dev.flipside.updater.health.TrialRecord.Outcome;
import dev.flipside.updater.lifecycle.BootReview.TrialEvidence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class TrialRecordsTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final String IMAGE = "a".repeat(64);

    private final FaultyFolder folder = new FaultyFolder(1);
    private final TrialRecords records = new TrialRecords(folder);

    private void write(long sequence, Outcome outcome, String... lines) throws IOException {
        records.write(
                new TrialRecord(sequence, "boot-" + sequence, IMAGE, outcome, NOW, List.of(lines)));
    }

    @Test
    void remembersATrial() throws IOException {
        write(7, Outcome.FAILED, "a: b");
        assertEquals(
                List.of(new TrialRecord(7, "boot-7", IMAGE, Outcome.FAILED, NOW, List.of("a: b"))),
                records.all());
        assertTrue(folder.files().containsKey("trials/0000000007-boot-7.json"));
    }

    @Test
    void aFailureCountsMoreThanABeginning() throws IOException {
        assertInstanceOf(TrialEvidence.None.class, records.evidence(IMAGE));
        write(1, Outcome.PASSED);
        assertInstanceOf(TrialEvidence.None.class, records.evidence(IMAGE));
        write(2, Outcome.STARTED);
        assertInstanceOf(TrialEvidence.Unfinished.class, records.evidence(IMAGE));
        write(3, Outcome.FAILED, "a: b");
        assertEquals(new TrialEvidence.Failed(List.of("a: b")), records.evidence(IMAGE));
        assertInstanceOf(TrialEvidence.None.class, records.evidence("b".repeat(64)));
    }

    @Test
    void checksThatPassedDoNotExplainWhyTheTriesAreUsedUp() throws IOException {
        write(6, Outcome.PASSED);
        assertInstanceOf(TrialEvidence.None.class, records.evidence(IMAGE, Set.of(7L, 8L, 9L)));
        write(7, Outcome.PASSED);
        assertEquals(
                new TrialEvidence.Unfinished(
                        List.of(
                                "its checks passed at %s, and nobody marked its entry good (systemd-bless-boot)"
                                        .formatted(NOW))),
                records.evidence(IMAGE, Set.of(7L, 8L, 9L)));
        write(8, Outcome.STARTED);
        assertEquals(
                new TrialEvidence.Unfinished(List.of("a trial began at " + NOW)),
                records.evidence(IMAGE, Set.of(7L, 8L, 9L)));
        write(9, Outcome.FAILED, "a: b");
        assertInstanceOf(TrialEvidence.Failed.class, records.evidence(IMAGE, Set.of(7L, 8L, 9L)));
    }

    @Test
    void tellsTheLastLinesOfABootThatSystemdGaveUp() throws IOException {
        journal("0000000002-1-f.journal", "rootHash " + IMAGE + "\nearlier\n");
        journal("0000000002-2-a.journal", "rootHash " + IMAGE + "\nunit a failed\n\u001b[1mlast\n");
        journal("0000000003-1-b.journal", "rootHash " + "b".repeat(64) + "\nother\n");
        assertEquals(
                new TrialEvidence.NotBegun(List.of("unit a failed", "[1mlast")),
                records.evidence(IMAGE));
        write(2, Outcome.STARTED);
        assertEquals(
                new TrialEvidence.Unfinished(
                        List.of("a trial began at " + NOW, "unit a failed", "[1mlast")),
                records.evidence(IMAGE));
        records.clear(IMAGE);
        assertEquals(List.of("0000000003-1-b.journal"), folder.list("trials"));
    }

    @Test
    void boundsTheLastLinesOfABoot() throws IOException {
        journal("1-a.journal", "rootHash " + IMAGE + "\n" + ("\1".repeat(900) + "\n").repeat(40));
        journal("1-b.journal", "rootHash " + IMAGE + "\n" + "long line\n".repeat(4000));
        TrialEvidence.NotBegun evidence =
                assertInstanceOf(TrialEvidence.NotBegun.class, records.evidence(IMAGE));
        assertEquals(24, evidence.lines().size());
        journal("1-c.journal", "x".repeat(100_000));
        assertInstanceOf(TrialEvidence.NotBegun.class, records.evidence(IMAGE));
    }

    private void journal(String name, String text) {
        folder.plant("trials/" + name, text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void clearsWhatIsOfOneImageAndWhatCannotBeRead() throws IOException {
        write(1, Outcome.FAILED, "a: b");
        folder.plant("trials/torn.json", "{\"for".getBytes(StandardCharsets.UTF_8));
        records.clear("b".repeat(64));
        assertEquals(List.of("0000000001-boot-1.json"), folder.list("trials"));
        records.clear(IMAGE);
        assertEquals(List.of(), folder.list("trials"));
    }

    @Test
    void boundsWhatAnImageCanWrite() throws IOException {
        List<String> lines = Collections.nCopies(1000, "x".repeat(10_000));
        records.write(new TrialRecord(1, "b", IMAGE, Outcome.FAILED, NOW, lines));
        assertTrue(folder.files().get("trials/0000000001-b.json").length < 64 << 10);
        assertEquals(32, records.all().getFirst().lines().size());
    }

    @Test
    void refusesABootIdThatIsAPath() {
        assertThrows(
                IOException.class,
                () ->
                        records.write(
                                new TrialRecord(
                                        1, "../state", IMAGE, Outcome.FAILED, NOW, List.of())));
    }

    @Test
    void isTotalOnEveryChangedByte() throws IOException {
        write(1, Outcome.FAILED, "a: b");
        byte[] valid = folder.files().get("trials/0000000001-boot-1.json");
        for (int i = 0; i < valid.length; i++) {
            byte[] changed = valid.clone();
            changed[i] ^= 0x15;
            folder.plant("trials/0000000001-boot-1.json", changed);
            assertTrue(records.all().size() <= 1, "byte " + i);
        }
    }
}
