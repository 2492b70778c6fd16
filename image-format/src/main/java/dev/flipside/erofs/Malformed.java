package dev.flipside.erofs;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;

/** The one failure of reading EROFS. */
final class Malformed {
    private Malformed() {}

    static FlipsideException because(String what, String expected, String found) {
        return new FlipsideException(
                FailureCode.EROFS_MALFORMED,
                "EROFS " + what,
                expected,
                found,
                "build the image again, or get it again");
    }
}
