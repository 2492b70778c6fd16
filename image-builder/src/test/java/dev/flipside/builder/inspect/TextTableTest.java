package dev.flipside.builder.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TextTableTest {
    private static TextTable table() {
        return TextTable.of("name", ">size", "digest")
                .row("a", "1", "0123456789abcdef".repeat(4))
                .row("a name that is longer", "1000", "-");
    }

    @Test
    void alignsItsColumns() {
        assertEquals(
                """
                x    n
                a    1
                bb  10
                """,
                TextTable.of("x", ">n").row("a", "1").row("bb", "10").render(80));
    }

    @Test
    void fitsATerminal() {
        String text = table().render(60);
        assertTrue(text.lines().allMatch(line -> line.length() <= 60), text);
        assertTrue(text.contains("…"), text);
        assertTrue(text.contains("a name that is longer"), "the widest column is cut: " + text);
    }

    @Test
    void cutsNothingForAProgram() {
        String text = table().render(TextTable.ANY_WIDTH);
        assertTrue(text.contains("0123456789abcdef".repeat(4)), text);
    }

    @Test
    void showsNoByteThatATerminalWouldObey() {
        assertEquals(
                "a\\u001b[31mb\\u000ac\\u202ed", TextTable.printable("a\u001b[31mb\nc\u202ed"));
        assertEquals(2, table().row("a\nb", "", "").render(80).lines().count() - 2);
    }

    @Test
    void writesBytesForPeople() {
        assertEquals("1023 B", TextTable.bytes(1023));
        assertEquals("1.0 KiB", TextTable.bytes(1024));
        assertEquals("2.5 GiB", TextTable.bytes(5L << 29));
        assertEquals("8192.0 PiB", TextTable.bytes(Long.MAX_VALUE));
    }
}
