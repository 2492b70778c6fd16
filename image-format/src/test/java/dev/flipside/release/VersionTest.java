package dev.flipside.release;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VersionTest {
    private static void assertOrder(String a, char sign, String b) {
        int expected = "<=>".indexOf(sign) - 1;
        assertEquals(expected, Integer.signum(Version.compare(a, b)), a + " " + sign + " " + b);
        assertEquals(-expected, Integer.signum(Version.compare(b, a)), b + " against " + a);
    }

    /** All of the specification's own list. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            emptyValue = "",
            value = {
                "11 = 11",
                "systemd-123 = systemd-123",
                "bar-123 < foo-123",
                "123a > 123",
                "123.a > 123",
                "123.a < 123.b",
                "123a > 123.a",
                "11α = 11β",
                "B < a",
                "'' < 0",
                "0. > 0",
                "0.0 > 0",
                "0 > ~",
                "'' > ~",
                "1_ = 1",
                "_1 = 1",
                "1_ < 1.2",
                "1_2_3 > 1.3.3",
                "1+ = 1",
                "+1 = 1",
                "1+ < 1.2",
                "1+2+3 > 1.3.3",
            })
    void agreesWithTheExamplesOfTheSpecification(String a, char sign, String b) {
        assertOrder(a, sign, b);
    }

    @Test
    void ordersTheChainOfTheSpecification() {
        List<String> chain =
                List.of(
                        "122.1",
                        "123~rc1-1",
                        "123",
                        "123-a",
                        "123-a.1",
                        "123-1",
                        "123-1.1",
                        "123^post1",
                        "123.a-1",
                        "123.1-1",
                        "123a-1",
                        "124-1");
        for (int i = 0; i < chain.size(); i++) {
            for (int j = 0; j < chain.size(); j++) {
                assertOrder(chain.get(i), "<=>".charAt(Integer.signum(i - j) + 1), chain.get(j));
            }
        }
    }

    @Test
    void comparesNumbersOfAnySize() {
        assertOrder("1.99999999999999999999", '<', "1.100000000000000000000");
        assertOrder("1.007", '=', "1.7");
        assertOrder("2026.10.1", '>', "2026.9.30");
        assertOrder("1.0~rc1", '<', "1.0");
    }

    @Test
    void takesAMissingNumberForZero() {
        assertOrder("1.0", '<', "1.a");
        assertOrder("1-0a", '=', "1-a");
    }
}
