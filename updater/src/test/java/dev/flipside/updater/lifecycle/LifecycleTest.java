package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.LifecycleTable.BACK;
import static dev.flipside.updater.lifecycle.LifecycleTable.OTHER;
import static dev.flipside.updater.lifecycle.LifecycleTable.REASON;
import static dev.flipside.updater.lifecycle.LifecycleTable.RELEASE;
import static dev.flipside.updater.lifecycle.LifecycleTable.TARGET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.updater.lifecycle.UpdateState.Goal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class LifecycleTest {
    private static final Path REFERENCE = Path.of("..", "docs", "reference", "lifecycle.md");

    @Test
    void decidesEveryPairOfStateAndEvent() {
        LifecycleTable.states()
                .forEach(
                        (stateName, state) ->
                                LifecycleTable.events()
                                        .forEach(
                                                (eventName, event) -> {
                                                    Transition next = Lifecycle.next(state, event);
                                                    assertTrue(
                                                            next instanceof Transition.Move
                                                                    || next
                                                                            instanceof
                                                                            Transition.Refuse,
                                                            stateName + ", " + eventName);
                                                }));
    }

    @Test
    void theTableHasEveryStateAndEveryEvent() {
        assertEquals(
                classes(UpdateState.class.getPermittedSubclasses()),
                LifecycleTable.states().values().stream()
                        .map(Object::getClass)
                        .collect(Collectors.toSet()));
        assertEquals(
                classes(UpdateEvent.class.getPermittedSubclasses()),
                LifecycleTable.events().values().stream()
                        .map(Object::getClass)
                        .collect(Collectors.toSet()));
    }

    @Test
    void theReferenceShowsThisTable() throws IOException {
        String table = LifecycleTable.markdown();
        assertTrue(
                Files.readString(REFERENCE).contains(table),
                () -> "put this into docs/reference/lifecycle.md:\n" + table);
    }

    @Test
    void theReferenceExplainsEveryRule() throws IOException {
        String reference = Files.readString(REFERENCE);
        for (Rule rule : Rule.values()) {
            String row = "| `%s` | %s |".formatted(rule.code(), rule.question());
            assertTrue(reference.contains(row), () -> "missing in lifecycle.md: " + row);
        }
    }

    @Test
    void theReferenceExplainsEveryCause() throws IOException {
        String reference = Files.readString(REFERENCE);
        for (RollbackReason.Cause cause : RollbackReason.Cause.values()) {
            assertEquals(
                    cause != RollbackReason.Cause.OTHER,
                    reference.contains("\n| `%s` |".formatted(cause.code())),
                    cause::code);
        }
    }

    @Test
    void writesASlotOnlyAfterNothingCanBootIt() {
        for (UpdateState state : LifecycleTable.states().values()) {
            for (UpdateEvent event : LifecycleTable.events().values()) {
                List<String> names = commands(Lifecycle.next(state, event));
                int written = names.indexOf("write-slot");
                assertTrue(
                        written < 0 || names.subList(0, written).contains("empty-slot"),
                        names::toString);
            }
        }
    }

    @Test
    void identifiesTheSlotBeforeItCreatesTheEntry() {
        assertEquals(
                List.of("identify-slot", "create-entry"),
                commands(
                        Lifecycle.next(
                                new UpdateState.Staged(TARGET),
                                new UpdateEvent.ActivateRequested())));
    }

    @Test
    void raisesTheFloorBeforeTheNextBootIsArmed() {
        List<String> names =
                commands(
                        Lifecycle.next(
                                new UpdateState.Trial(TARGET), new UpdateEvent.TargetGood()));
        assertEquals(List.of("raise-floor", "arm-next-boot", "clear-trials"), names);
    }

    @Test
    void doesNotStageAgainWhatIsStaged() {
        Transition next =
                Lifecycle.next(
                        new UpdateState.Checking(Goal.STAGE, Optional.of(TARGET)),
                        new UpdateEvent.Planned(new Decision.Proceed(TARGET, List.of())));
        assertEquals(Transition.move(new UpdateState.Staged(TARGET)), next);
    }

    @Test
    void aCheckThatFailsKeepsWhatIsStaged() {
        Transition next =
                Lifecycle.next(
                        new UpdateState.Checking(Goal.STAGE, Optional.of(TARGET)),
                        new UpdateEvent.CheckFailed());
        assertEquals(Transition.move(new UpdateState.Staged(TARGET)), next);
    }

    @Test
    void aReleaseThatIsHeldKeepsWhatIsStaged() {
        Transition next =
                Lifecycle.next(
                        new UpdateState.Checking(Goal.STAGE, Optional.of(TARGET)),
                        new UpdateEvent.Planned(
                                new Decision.Hold("3", List.of(LifecycleTable.HELD))));
        assertEquals(Transition.move(new UpdateState.Staged(TARGET)), next);
    }

    @Test
    void armingTheBootedSlotKeepsThePendingTargetFirst() {
        assertEquals(
                List.of("arm-next-boot", "create-entry", "clear-trials"),
                commands(
                        Lifecycle.next(
                                new UpdateState.RebootPending(TARGET),
                                new UpdateEvent.RunningGood(OTHER.rootHash()))));
    }

    @Test
    void aReleaseThatWasCommittedGetsOneMoreTry() {
        Transition next =
                Lifecycle.next(
                        new UpdateState.Committed(RELEASE),
                        new UpdateEvent.RunningFellBack(RELEASE, REASON));
        assertEquals(
                Transition.move(
                        new UpdateState.RolledBack(RELEASE, REASON),
                        new Command.RecordSetback(RELEASE, REASON, true),
                        new Command.ClearTrials(RELEASE.rootHash())),
                next);
    }

    @Test
    void aWithdrawnRollbackLeavesNothingStaged() {
        assertEquals(
                Transition.move(new UpdateState.Idle()),
                Lifecycle.next(
                        new UpdateState.RebootPending(BACK), new UpdateEvent.WithdrawFinished()));
    }

    @Test
    void refusesToCallAnUpdateARollback() {
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        Lifecycle.next(
                                new UpdateState.Idle(), new UpdateEvent.RollbackRequested(TARGET)));
    }

    private static Set<Class<?>> classes(Class<?>[] permitted) {
        return Arrays.stream(permitted).collect(Collectors.toSet());
    }

    private static List<String> commands(Transition transition) {
        return transition instanceof Transition.Move move
                ? move.commands().stream().map(Command::name).toList()
                : List.of();
    }
}
