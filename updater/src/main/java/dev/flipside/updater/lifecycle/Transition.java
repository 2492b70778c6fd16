package dev.flipside.updater.lifecycle;

import java.util.List;
import java.util.Objects;

/** What follows from an event. */
public sealed interface Transition {
    /** The host is in a state, and these commands are to be done, in order. */
    record Move(UpdateState state, List<Command> commands) implements Transition {
        public Move {
            Objects.requireNonNull(state);
            commands = List.copyOf(commands);
        }
    }

    /** The event is not for this state; nothing changes. */
    record Refuse(Refusal refusal) implements Transition {
        public Refuse {
            Objects.requireNonNull(refusal);
        }
    }

    /** Why an event is not for a state. */
    enum Refusal {
        BUSY("another operation is under way", "wait until it has ended"),
        REBOOT_IS_PENDING(
                "a reboot is pending",
                "run 'flipctl reboot', or take the activation back with 'flipctl rollback'"),
        TRIAL_IS_RUNNING("the release that runs is under trial", "wait for the end of the trial"),
        NOTHING_STAGED("nothing is staged", "run 'flipctl stage' first"),
        SLOT_OVERWRITTEN(
                "the other slot holds a staged release",
                "run 'flipctl activate', or go to another version with 'flipctl update VERSION'"),
        NOTHING_ACTIVATED("nothing is activated", "run 'flipctl status'"),
        /** The coordinator never sends it; a bug if it does. */
        OUT_OF_TURN("the event does not belong to this state", "report this as a bug");

        private final String words;
        private final String action;

        Refusal(String words, String action) {
            this.words = words;
            this.action = action;
        }

        public String words() {
            return words;
        }

        public String action() {
            return action;
        }
    }

    static Move move(UpdateState state, Command... commands) {
        return new Move(state, List.of(commands));
    }

    static Refuse refuse(Refusal refusal) {
        return new Refuse(refusal);
    }
}
