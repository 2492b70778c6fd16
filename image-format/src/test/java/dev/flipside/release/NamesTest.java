package dev.flipside.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NamesTest {
    private static void assertRefused(String product, String version) {
        FlipsideException refusal =
                assertThrows(FlipsideException.class, () -> Names.label(product, version));
        assertEquals(FailureCode.NAME_INVALID, refusal.failure().code());
    }

    @Test
    void joinsProductAndVersion() throws FlipsideException {
        assertEquals("edge-os_2026.10.1~rc1", Names.label("edge-os", "2026.10.1~rc1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ".", "..", "-a", "~a", "A", "a_b", "a/b", "a b", "a\n", "ä", "a\0b", "a+1"
            })
    void refusesWhatIsNoName(String name) {
        assertRefused(name, "1");
        assertRefused("edge", name);
    }

    @Test
    void refusesWhatDoesNotFitAPartitionLabel() throws FlipsideException {
        String product = "a".repeat(30);
        assertEquals(36, Names.label(product, "1.2.3").length());
        assertRefused(product, "1.2.34");
        assertRefused("a".repeat(40), "1");
    }
}
