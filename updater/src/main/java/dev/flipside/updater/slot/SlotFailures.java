package dev.flipside.updater.slot;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFull;
import java.io.IOException;

/** The failures that the parts of staging report in the same words. */
final class SlotFailures {
    static final String STAGE_AGAIN = "stage the release again";

    private SlotFailures() {}

    static FlipsideException tooSmall(String partition, long neededBytes, long foundBytes) {
        return new FlipsideException(
                FailureCode.SLOT_TOO_SMALL,
                partition + " of the inactive slot",
                "at least " + neededBytes + " bytes",
                foundBytes + " bytes",
                "install a disk with larger slots, or build a smaller image");
    }

    static FlipsideException unwritable(String partition, IOException e) {
        FailureCode code = DiskFull.isReasonFor(e) ? FailureCode.NO_ROOM : FailureCode.IO_FAILED;
        return new FlipsideException(
                new Failure(
                        code,
                        partition + " of the inactive slot",
                        "a partition that takes writes",
                        text(e),
                        "check the disk, then " + STAGE_AGAIN),
                e);
    }

    static FlipsideException unreadable(String partition, IOException e) {
        return new FlipsideException(
                new Failure(
                        FailureCode.DISK_UNREADABLE,
                        partition + " of the inactive slot",
                        "a partition that can be read",
                        text(e),
                        "check the disk, then " + STAGE_AGAIN),
                e);
    }

    static FlipsideException mismatch(String what, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.BLOCK_MISMATCH,
                        what,
                        "the content that the hash tree pins",
                        "another",
                        "publish the release again"),
                cause);
    }

    static FlipsideException readBack(String what, String expected, String found) {
        return new FlipsideException(
                FailureCode.SLOT_READBACK_FAILED,
                what,
                expected,
                found,
                "check the disk, then " + STAGE_AGAIN);
    }

    private static String text(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
