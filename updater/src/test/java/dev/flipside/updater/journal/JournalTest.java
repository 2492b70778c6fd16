package dev.flipside.updater.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.updater.journal.HostState.Checked;
import dev.flipside.updater.journal.HostState.Doing;
import dev.flipside.updater.journal.HostState.Failed;
import dev.flipside.updater.lifecycle.BootReview.Running;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.Pin;
import dev.flipside.updater.lifecycle.ReleaseRef;
import dev.flipside.updater.lifecycle.RollbackReason;
import dev.flipside.updater.lifecycle.Rule;
import dev.flipside.updater.lifecycle.RuleResult;
import dev.flipside.updater.lifecycle.Setback;
import dev.flipside.updater.lifecycle.Target;
import dev.flipside.updater.lifecycle.UpdateState;
import dev.flipside.updater.lifecycle.UpdateState.Goal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class JournalTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final ReleaseRef ONE = release("1", 'a', Optional.empty());
    private static final ReleaseRef TWO =
            release("2", 'b', Optional.of(new ReleaseRef.Signed("b".repeat(64), 7)));
    private static final Target TARGET = new Target(TWO, SlotName.B, Target.Intent.UPDATE);
    private static final RollbackReason REASON =
            new RollbackReason(RollbackReason.Cause.TRIAL_NOT_FINISHED, List.of("a", "b"));
    private static final RuleResult HELD =
            new RuleResult(Rule.FLOOR, false, "2", "1", "nothing", Optional.of(NOW));
    private static final RuleResult PASSED = new RuleResult(Rule.HOLD, true, "a", "b", "");

    private final FaultyFolder folder = new FaultyFolder(1);
    private final Journal journal = new Journal(folder, 4096, InstantSource.fixed(NOW));

    private static ReleaseRef release(
            String version, char hex, Optional<ReleaseRef.Signed> signed) {
        String digest = String.valueOf(hex).repeat(64);
        return new ReleaseRef("demo", version, digest, digest, signed);
    }

    private static HostState full() {
        return HostState.fresh()
                .in(new UpdateState.Staging(TARGET))
                .doing(Optional.of(new Doing("write-slot", NOW)))
                .withPin(Optional.of(new Pin("2", Optional.of(NOW))))
                .holding(true)
                .withFloor(3)
                .running(new Running(SlotName.A, ONE))
                .withReleases(List.of(ONE, TWO))
                .withSetbacks(List.of(new Setback(TWO, REASON, NOW, true)))
                .checked(new Checked(NOW, new Decision.Hold("2", List.of(PASSED, HELD))))
                .failed(Optional.of(new Failed(NOW, FailureCode.NO_ROOM, "a line")))
                .asked(NOW.minusSeconds(1))
                .withdrawn(Set.of("c".repeat(64)));
    }

    @Test
    void aHostWithoutAStateIsFresh() throws Exception {
        assertEquals(HostState.fresh(), journal.load());
    }

    @Test
    void remembersEverything() throws Exception {
        journal.save(full());
        assertEquals(full(), journal.load());
    }

    @Test
    void remembersEveryState() throws Exception {
        for (UpdateState state :
                List.of(
                        new UpdateState.Idle(),
                        new UpdateState.Checking(Goal.CHECK, Optional.empty()),
                        new UpdateState.Checking(Goal.STAGE, Optional.of(TARGET)),
                        new UpdateState.Held("2", List.of(HELD)),
                        new UpdateState.Staging(TARGET),
                        new UpdateState.Staged(TARGET),
                        new UpdateState.Activating(TARGET),
                        new UpdateState.RebootPending(TARGET),
                        new UpdateState.Trial(TARGET),
                        new UpdateState.Committed(TWO),
                        new UpdateState.RolledBack(TWO, REASON))) {
            journal.save(HostState.fresh().in(state));
            assertEquals(state, journal.load().state());
        }
    }

    @Test
    void remembersEveryDecision() throws Exception {
        for (Decision decision :
                List.of(
                        new Decision.Proceed(TARGET, List.of(PASSED)),
                        new Decision.Nothing("2 runs", List.of()),
                        new Decision.Hold("2", List.of(HELD)))) {
            journal.save(HostState.fresh().checked(new Checked(NOW, decision)));
            assertEquals(decision, journal.load().checked().orElseThrow().decision());
        }
    }

    @Test
    void keepsWhatOnlyANewerUpdaterKnows() throws Exception {
        journal.save(full());
        plant(text().replace("\"hold\" : true", "\"hold\" : true, \"lease\" : {\"a\" : [1]}"));
        HostState read = journal.load();
        journal.save(read.holding(false));
        assertTrue(text().contains("\"lease\""), this::text);
        assertEquals(1, journal.load().unknown().path("lease").path("a").path(0).asInt());
    }

    @Test
    void passesOverRulesAndCausesOfANewerUpdater() throws Exception {
        journal.save(full());
        plant(
                text().replace("\"floor\",", "\"lunar-phase\",")
                        .replace("trial-not-finished", "watchdog"));
        HostState read = journal.load();
        assertEquals(Optional.empty(), read.checked());
        assertEquals(RollbackReason.Cause.OTHER, read.setbacks().getFirst().reason().cause());
        assertTrue(read.setbacks().getFirst().rejects());
    }

    @Test
    void aPinIsOneToAnOlderUpdaterToo() throws Exception {
        journal.save(full());
        assertTrue(text().contains("\"pin\" : \"2\""), this::text);
    }

    @Test
    void theEndOfAPinThatAnOlderUpdaterReplacedIsForgotten() throws Exception {
        journal.save(full());
        plant(text().replace("\"pin\" : \"2\"", "\"pin\" : \"3\""));
        assertEquals(Optional.of(Pin.to("3")), journal.load().pin());
        plant(text().replace("\"pin\" : \"3\",", ""));
        assertEquals(Optional.empty(), journal.load().pin());
    }

    @Test
    void refusesAnotherFormatAndWhatIsNoState() throws Exception {
        journal.save(full());
        String valid = text();
        for (String broken :
                List.of(
                        "",
                        "{}",
                        "[]",
                        valid.substring(0, valid.length() / 2),
                        valid.replace("\"format\" : 1", "\"format\" : 2"),
                        valid.replace("staging", "dreaming"),
                        valid.replace("\"floor\" : 3", "\"floor\" : -3"),
                        valid.replace("\"floor\" : 3", "\"floor\" : \"3\""),
                        valid.replace("\"hold\" : true", "\"hold\" : 1"),
                        valid.replace("a".repeat(64), "a".repeat(63)))) {
            plant(broken);
            FlipsideException e =
                    assertThrows(FlipsideException.class, journal::load, () -> broken);
            assertEquals(FailureCode.STATE_MALFORMED, e.failure().code());
        }
    }

    @Test
    void isTotalOnEveryChangedByte() throws Exception {
        journal.save(full());
        byte[] valid = folder.files().get("state.json");
        for (int i = 0; i < valid.length; i++) {
            byte[] changed = valid.clone();
            changed[i] ^= 0x15;
            folder.plant("state.json", changed);
            try {
                journal.load();
            } catch (FlipsideException e) {
                assertEquals(FailureCode.STATE_MALFORMED, e.failure().code());
            } catch (RuntimeException e) {
                throw new AssertionError("byte " + i, e);
            }
        }
    }

    @Test
    void tellsHistoryInOrder() throws IOException {
        journal.tell("stage", "ok", StrictJson.object().put("n", 1));
        journal.tell("activate", "io-failed", StrictJson.object());
        assertEquals(
                List.of("stage", "activate"),
                journal.history().entries().stream().map(it -> it.path("event").asText()).toList());
        assertEquals(NOW.toString(), journal.history().entries().getFirst().path("at").asText());
    }

    @Test
    void tellsWhatIsTriedAgainOnlyWhenItGoesOtherwise() throws IOException {
        for (String code : List.of("io-failed", "io-failed", "esp-full", "ok", "esp-full")) {
            journal.tellOnce("arm-next-boot", code, StrictJson.object());
            journal.tellOnce("raise-floor", "ok", StrictJson.object());
        }
        tellState(new UpdateState.Committed(TWO));
        journal.tellOnce("arm-next-boot", "esp-full", StrictJson.object());
        assertEquals(
                List.of("io-failed", "ok", "esp-full", "ok", "esp-full", "committed", "esp-full"),
                journal.history().entries().stream().map(it -> it.path("code").asText()).toList());
    }

    @Test
    void boundsTheHistoryAndKeepsTheNewest() throws IOException {
        for (int i = 0; i < 500; i++) {
            journal.tell("event", "ok", StrictJson.object().put("n", i));
            assertTrue(folder.files().get("history.jsonl").length <= 4096, "after " + i);
        }
        List<Integer> numbers =
                journal.history().entries().stream()
                        .map(it -> it.path("details").path("n").asInt())
                        .toList();
        assertEquals(499, numbers.getLast());
        assertTrue(numbers.size() > 15, numbers::toString);
        for (int i = 1; i < numbers.size(); i++) {
            assertEquals(numbers.get(i - 1) + 1, numbers.get(i));
        }
    }

    @Test
    void remembersWhatTheOperatorWantsFromTheHistoryAlone() throws Exception {
        journal.tell("pin", "ok", StrictJson.object().put("version", "1"));
        journal.tell(
                "pin", "ok", StrictJson.object().put("version", "2").put("until", NOW.toString()));
        tellState(new UpdateState.Committed(TWO));
        tellState(new UpdateState.Trial(new Target(ONE, SlotName.A, Target.Intent.ROLLBACK)));
        tellState(new UpdateState.Committed(ONE));
        plant("{");
        HostState rebuilt = journal.rebuild();
        assertEquals(Optional.of(new Pin("2", Optional.of(NOW))), rebuilt.pin());
        assertEquals(List.of(TWO), rejected(rebuilt), "the operator went back from it");
        tellState(new UpdateState.Trial(TARGET));
        tellState(new UpdateState.Committed(TWO));
        assertEquals(List.of(), rejected(journal.rebuild()), "the operator returned to it");
        assertEquals(journal.rebuild(), journal.load());
    }

    @Test
    void dropsNothingOfTheHistoryFromWhichAMemoryIsRebuilt() throws Exception {
        journal.tell("pin", "ok", StrictJson.object().put("version", "2"));
        journal.tell("hold", "ok", StrictJson.object());
        journal.tell("raise-floor", "ok", StrictJson.object().put("floor", 7));
        tellState(new UpdateState.RolledBack(TWO, REASON));
        HostState before = journal.rebuild();
        for (int i = 0; i < 500; i++) {
            journal.tell("event", "ok", StrictJson.object().put("n", i));
            assertTrue(folder.files().get("history.jsonl").length <= 4096, "after " + i);
        }
        assertEquals(before, journal.rebuild());
        assertEquals(7, before.floor());
        for (int i = 0; i < 500; i++) {
            journal.tell("pin", "ok", StrictJson.object().put("version", "" + i));
            assertTrue(folder.files().get("history.jsonl").length <= 4096, "after " + i);
        }
        assertEquals(Optional.of(Pin.to("499")), journal.rebuild().pin());
    }

    @Test
    void readsTheEndOfAHistoryThatIsLargerThanItsLimitIsNow() throws Exception {
        journal.tell("event", "ok", StrictJson.object().put("n", 1));
        String line = new String(folder.files().get("history.jsonl"), StandardCharsets.UTF_8);
        String newest = line.replace("\"n\":1", "\"n\":4999");
        folder.plant(
                "history.jsonl", (line.repeat(5000) + newest).getBytes(StandardCharsets.UTF_8));
        assertEquals(4999, journal.history().entries().getLast().at("/details/n").asInt());
        journal.tell("last", "ok", StrictJson.object());
        assertTrue(folder.files().get("history.jsonl").length <= 4096);
        assertEquals("last", journal.history().entries().getLast().path("event").asText());
    }

    private void tellState(UpdateState state) throws IOException {
        journal.tell("state", state.name(), LifecycleJson.state(state));
    }

    private static List<ReleaseRef> rejected(HostState state) {
        return state.setbacks().stream().filter(Setback::rejects).map(Setback::release).toList();
    }

    @Test
    void passesOverATornLine() throws IOException {
        journal.tell("one", "ok", StrictJson.object());
        String whole = new String(folder.files().get("history.jsonl"), StandardCharsets.UTF_8);
        folder.plant(
                "history.jsonl", (whole + whole.substring(0, 20)).getBytes(StandardCharsets.UTF_8));
        journal.tell("two", "ok", StrictJson.object());
        assertEquals(
                List.of("one", "two"),
                journal.history().entries().stream().map(it -> it.path("event").asText()).toList());
    }

    private String text() {
        return new String(folder.files().get("state.json"), StandardCharsets.UTF_8);
    }

    private void plant(String text) {
        folder.plant("state.json", text.getBytes(StandardCharsets.UTF_8));
    }
}
