package dev.flipside.boot.fat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShortNameTest {
    @ParameterizedTest
    @CsvSource({
        "BOOTX64.EFI, 'BOOTX64 EFI'",
        "EFI, 'EFI        '",
        "loader, 'LOADER     '",
        "loader.conf, 'LOADER~1CON'",
        "systemd-bootx64.efi, 'SYSTEM~1EFI'",
        "flipside-0000000001+3-0.conf, 'FLIPSI~1CON'",
        "a+b.txt, 'A_B~1   TXT'",
        "a b, 'AB~1       '",
        "a.b.c, 'AB~1    C  '",
        ".hidden, 'HIDDEN~1   '",
        "12345678.123, '12345678123'",
        "123456789.123, '123456~1123'",
    })
    void makesTheAliasThatTheSpecificationDescribes(String name, String alias) {
        assertEquals(alias, ShortName.choose(name, Set.of()));
    }

    @Test
    void countsOnWhereAnAliasIsTaken() {
        Set<String> taken = new HashSet<>();
        for (int i = 1; i <= 12; i++) {
            taken.add(ShortName.choose("flipside-%010d.conf".formatted(i), taken));
        }
        assertEquals(12, taken.size());
        assertTrue(taken.contains("FLIPSI~9CON"));
        assertTrue(taken.contains("FLIPS~12CON"));
    }

    @Test
    void needsNoLongNameForUpperCaseOnly() {
        assertTrue(ShortName.isPlain("BOOTX64.EFI"));
        assertFalse(ShortName.isPlain("bootx64.efi"));
        assertFalse(ShortName.isPlain("A."));
        assertFalse(ShortName.isPlain(".A"));
        assertFalse(ShortName.isPlain("A.B.C"));
        assertFalse(ShortName.isPlain("ABCDEFGHI"));
    }

    @Test
    void showsWhatWindowsNtKeepsInTwoBits() {
        byte[] name = "README  TXT".getBytes(StandardCharsets.US_ASCII);
        assertEquals("README.TXT", ShortName.display(name, 0));
        assertEquals("readme.TXT", ShortName.display(name, 0x08));
        assertEquals("readme.txt", ShortName.display(name, 0x18));
    }

    @Test
    void tiesALongNameToItsAliasByTheChecksumThatTheSpecificationGives() {
        assertEquals((byte) 0xc4, ShortName.checksum("FLIPSI~1CON"));
        assertEquals(0, ShortName.checksum(""));
    }
}
