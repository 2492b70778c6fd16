package dev.flipside.tuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import org.junit.jupiter.api.function.Executable;

/** Asserts that something is refused, and by which code. */
public final class Refusals {
    private Refusals() {}

    public static Failure assertRefused(FailureCode code, Executable action) {
        Failure failure = assertThrows(FlipsideException.class, action).failure();
        assertEquals(code, failure.code(), failure.line());
        return failure;
    }
}
