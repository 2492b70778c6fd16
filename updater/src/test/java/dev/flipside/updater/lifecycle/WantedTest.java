package dev.flipside.updater.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.updater.lifecycle.Wanted.By;
import dev.flipside.updater.lifecycle.Wanted.Offer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which version a host goes to next. */
final class WantedTest {
    private static final Offer OFFER = new Offer("10", 1, List.of("3", "7"), Set.of(), List.of());

    @ParameterizedTest
    @CsvSource({"1,3", "2,3", "3,7", "6,7", "7,10", "8,10", "10,10", "12,10"})
    void goesOverEverySteppingStone(String running, String next) {
        Wanted wanted = new Wanted("10", By.CHANNEL, Optional.of(OFFER));
        assertEquals(next, wanted.over(Optional.of(running)).version());
    }

    @Test
    void takesWhatTheOperatorNamesAsItIs() {
        Wanted wanted = new Wanted("10", By.OPERATOR, Optional.of(OFFER));
        assertEquals(wanted, wanted.over(Optional.of("1")));
        Wanted unknown = new Wanted("10", By.CHANNEL, Optional.of(OFFER));
        assertEquals(unknown, unknown.over(Optional.empty()));
    }
}
