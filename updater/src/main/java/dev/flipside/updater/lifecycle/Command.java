package dev.flipside.updater.lifecycle;

import dev.flipside.updater.lifecycle.UpdateState.Goal;
import java.util.Objects;

/** One thing to do. Each can be done again after a crash, and is durable when it is done. */
public sealed interface Command {
    /** The stable name, as state file, history and documentation have it. */
    default String name() {
        return switch (this) {
            case Check _ -> "check";
            case EmptySlot _ -> "empty-slot";
            case WriteSlot _ -> "write-slot";
            case WriteUki _ -> "write-uki";
            case IdentifySlot _ -> "identify-slot";
            case CreateEntry _ -> "create-entry";
            case RemoveEntries _ -> "remove-entries";
            case PutRunningFirst _ -> "put-running-first";
            case RaiseFloor _ -> "raise-floor";
            case ArmNextBoot _ -> "arm-next-boot";
            case RecordSetback _ -> "record-setback";
            case ClearTrials _ -> "clear-trials";
            case Reboot _ -> "reboot";
        };
    }

    /** Refresh the trusted metadata and plan (step 1). */
    record Check(Goal goal) implements Command {}

    /** Remove every entry that names the slot, then the UKIs that no entry names (step 2). */
    record EmptySlot(Target target) implements Command {}

    /** Write the hash tree and the blocks, and read them back (steps 3 and 4). */
    record WriteSlot(Target target) implements Command {}

    /** Write the UKI under its digest, and read it back (step 5). */
    record WriteUki(Target target) implements Command {}

    /** Give the partitions their identity (step 6). */
    record IdentifySlot(Target target) implements Command {}

    /** Create the boot entry with three tries (step 7). */
    record CreateEntry(Target target) implements Command {}

    /** Remove the entries of a slot that was activated. */
    record RemoveEntries(Target target) implements Command {}

    /** Make the slot that runs the next boot again, and leave the other slot its entry. */
    record PutRunningFirst() implements Command {}

    /** Raise the security floor to what both slots satisfy. */
    record RaiseFloor(Target target) implements Command {}

    /** Create a counted entry for the slot that runs, then remove the one that booted it. */
    record ArmNextBoot() implements Command {}

    /** Remember that a release was undone, and why. */
    record RecordSetback(ReleaseRef release, RollbackReason reason, boolean wasCommitted)
            implements Command {
        public RecordSetback {
            Objects.requireNonNull(release);
            Objects.requireNonNull(reason);
        }
    }

    /** Remove what trials of one image have written, now that it is remembered. */
    record ClearTrials(String rootHash) implements Command {
        public ClearTrials {
            Objects.requireNonNull(rootHash);
        }
    }

    /** Restart the machine. */
    record Reboot() implements Command {}
}
