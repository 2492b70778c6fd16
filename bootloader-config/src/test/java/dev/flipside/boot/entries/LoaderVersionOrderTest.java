package dev.flipside.boot.entries;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cases of systemd's test-string-util.c, {@code strverscmp_improved}. */
class LoaderVersionOrderTest {
    private static final List<String> OLDEST_FIRST =
            List.of(
                    "~1",
                    "",
                    "ab",
                    "abb",
                    "abc",
                    "0001",
                    "002",
                    "12",
                    "122",
                    "122.9",
                    "123~rc1",
                    "123",
                    "123-a",
                    "123-a.1",
                    "123-a1",
                    "123-a1.1",
                    "123-3",
                    "123-3.1",
                    "123^patch1",
                    "123^1",
                    "123.a-1",
                    "123.1-1",
                    "123a-1",
                    "124");

    @Test
    void sortsAsSystemdDoes() {
        for (int a = 0; a < OLDEST_FIRST.size(); a++) {
            for (int b = 0; b < OLDEST_FIRST.size(); b++) {
                assertOrder(Integer.compare(a, b), OLDEST_FIRST.get(a), OLDEST_FIRST.get(b));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "123.45-67.88, 123.45-67.89, -1",
        "123.45-67.89, 123.45-67.89a, -1",
        "123.45-67.ab, 123.45-67.89, -1",
        "123.45-67.9, 123.45-67.89, -1",
        "123.45-67, 123.45-67.89, -1",
        "123.45-9.99, 123.45-67.89, -1",
        "123.42-99.99, 123.45-67.89, -1",
        "123-99.99, 123.45-67.89, -1",
        "123~rc1-99.99, 123-45.67.89, -1",
        "123~rc1-99.99, 123~rc2-67.89, -1",
        "123~rc1-99.99, 123^aa2-67.89, -1",
        "123-99.99, 123aa2-67.89, -1",
        "123^45-67.89, 123.45-67.89, -1",
        "123^aa1-99.99, 123^aa2-67.89, -1",
        "123.aa2-67.89, 123aa2-67.89, -1",
        "123.aa2-67.89, 123.ab2-67.89, -1",
        "123_aa2-67.89, 123aa+2-67.89, 0",
        "123., 123, 1",
        "12_3, 123, -1",
        "12_3, 12, 1",
        "12_3, 12.3, 1",
        "123.0, 123, 1",
        "123_0, 123, 1",
        "123..0, 123.0, -1",
        "_0_, 0, 0",
        "'', _, 0",
        "'', ~, 1",
        "~, ~, 0",
        "1\u0660\u0661, 1, 0",
    })
    void agreesWithSystemdOnCornerCases(String a, String b, int expected) {
        assertOrder(expected, a, b);
        assertOrder(-expected, b, a);
    }

    private static void assertOrder(int expected, String a, String b) {
        assertEquals(
                expected,
                Integer.signum(LoaderVersionOrder.compare(a, b)),
                () -> "'%s' and '%s'".formatted(a, b));
        assertTrue(LoaderVersionOrder.compare(a, a) == 0);
    }
}
