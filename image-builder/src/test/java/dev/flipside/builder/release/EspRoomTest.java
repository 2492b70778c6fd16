package dev.flipside.builder.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import org.junit.jupiter.api.Test;

final class EspRoomTest {
    private static final long MIB = 1L << 20;

    @Test
    void takesAUkiThatFitsTwice() throws Exception {
        EspRoom.require(30 * MIB, 64 * MIB);
    }

    @Test
    void refusesOneThatFitsOnce() {
        FlipsideException e =
                assertThrows(
                        FlipsideException.class, () -> EspRoom.require(30 * MIB + 1, 64 * MIB));
        assertEquals(FailureCode.ESP_TOO_SMALL, e.failure().code());
        assertTrue(e.getMessage().contains(Long.toString(64 * MIB + 2)), e.getMessage());
    }

    /** Past 2 GiB, where an int would have let it through. */
    @Test
    void refusesAUkiLargerThanAnyEsp() {
        assertThrows(FlipsideException.class, () -> EspRoom.require(5L << 30, 8L << 30));
    }
}
