package dev.flipside.updater.source;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;

/** The failures that every source reports in the same words. */
final class SourceFailures {
    private SourceFailures() {}

    static FlipsideException missing(String what, Throwable cause) {
        return failure(
                FailureCode.SOURCE_FILE_MISSING,
                what,
                "a file",
                "none",
                "publish the release again, or wait until the repository is complete",
                cause);
    }

    static FlipsideException tooLarge(String what, long maxBytes, String found) {
        return failure(
                FailureCode.SOURCE_TOO_LARGE,
                what,
                "at most " + maxBytes + " bytes",
                found,
                "check what the server sends under this address",
                null);
    }

    static FlipsideException tooShort(String what, long neededBytes, long foundBytes) {
        return tooShort(what, neededBytes, foundBytes + " bytes");
    }

    static FlipsideException tooShort(String what, long neededBytes, String found) {
        return failure(
                FailureCode.SOURCE_TOO_SHORT,
                what,
                "at least " + neededBytes + " bytes",
                found,
                "publish the release again",
                null);
    }

    static FlipsideException unreachable(String what, String found, Throwable cause) {
        return failure(
                FailureCode.SOURCE_UNREACHABLE,
                what,
                "the whole answer",
                found,
                "check the network and [source] url; the next try goes on where this one stopped",
                cause);
    }

    static FlipsideException status(String what, String expected, String found, String action) {
        return failure(FailureCode.SOURCE_STATUS, what, expected, found, action, null);
    }

    static FlipsideException failure(
            FailureCode code,
            String what,
            String expected,
            String found,
            String action,
            Throwable cause) {
        return new FlipsideException(new Failure(code, what, expected, found, action), cause);
    }
}
