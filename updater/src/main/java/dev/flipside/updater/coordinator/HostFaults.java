package dev.flipside.updater.coordinator;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFull;
import java.io.IOException;

/** Says what an I/O error means for the user: of the disk, of the ESP, or of the state folder. */
final class HostFaults {
    private HostFaults() {}

    /** Work on the machine. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException, FlipsideException;
    }

    /** Work on the state folder, or on something that is told in a closer place. */
    static <T> T told(String what, Work<T> work) throws FlipsideException {
        return told(
                what,
                work,
                FailureCode.NO_ROOM,
                FailureCode.IO_FAILED,
                "check the state folder, its disk and its permissions, and try again");
    }

    static <T> T onDisk(String what, Work<T> work) throws FlipsideException {
        return told(
                what,
                work,
                FailureCode.NO_ROOM,
                FailureCode.DISK_UNREADABLE,
                "check '[host] disk' and the health of the disk, and try again");
    }

    static <T> T onEsp(String what, Work<T> work) throws FlipsideException {
        return told(
                what,
                work,
                FailureCode.ESP_FULL,
                FailureCode.IO_FAILED,
                "check '[host] esp', and that it is mounted and writable, and try again");
    }

    private static <T> T told(
            String what, Work<T> work, FailureCode full, FailureCode other, String action)
            throws FlipsideException {
        try {
            return work.run();
        } catch (IOException e) {
            boolean isFull = DiskFull.isReasonFor(e);
            throw new FlipsideException(
                    new Failure(
                            isFull ? full : other,
                            what,
                            isFull ? "room to write" : "reads and writes to succeed",
                            "%s: %s".formatted(e.getClass().getSimpleName(), e.getMessage()),
                            action),
                    e);
        }
    }
}
