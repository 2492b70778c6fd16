package dev.flipside.boot.entries;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cases of systemd's test-bootspec.c, {@code bootspec_extract_tries}, and some more. */
class EntryNameTest {
    @ParameterizedTest
    @CsvSource({
        "foo.conf, foo, , ",
        "foo+0.conf, foo, 0, 0",
        "foo+1.conf, foo, 1, 0",
        "foo+33.conf, foo, 33, 0",
        "foo+2147483647.conf, foo, 2147483647, 0",
        "foo+2147483648.conf, foo+2147483648, , ",
        "foo+99999999999999999999999.conf, foo+99999999999999999999999, , ",
        "foo+33-0.conf, foo, 33, 0",
        "foo+33-107.conf, foo, 33, 107",
        "foo+33-2147483647.conf, foo, 33, 2147483647",
        "foo+33-2147483648.conf, foo+33-2147483648, , ",
        "foo+007-000008.conf, foo, 7, 8",
        "foo-1.conf, foo-1, , ",
        "foo-.conf, foo-, , ",
        "foo+.conf, foo+, , ",
        "+.conf, +, , ",
        "some+name+24324-22.conf, some+name, 24324, 22",
        "sels+2-3+7-6.conf, sels+2-3, 7, 6",
        "ses.sgesge.+4-1.conf, ses.sgesge., 4, 1",
        "abc+0x4.conf, abc+0x4, , ",
        "def+1-0x3.conf, def+1-0x3, , ",
        "foo+1-2-3.conf, foo+1-2-3, , ",
        "FOO+1-2.CONF, FOO, 1, 2",
    })
    void findsTheCounterThatSystemdFinds(String fileName, String stem, Integer left, Integer done) {
        EntryName name = EntryName.parse(fileName);
        assertEquals(stem, name.stem());
        assertEquals(
                Optional.ofNullable(left).map(tries -> new BootCounter(tries, done)),
                name.counter());
    }

    @Test
    void keepsANameWithoutSuffixWhole() {
        assertEquals("foo+1-2.efi", EntryName.parse("foo+1-2.efi").fileName());
        assertEquals(Optional.empty(), EntryName.parse("foo+1-2.efi").counter());
        assertEquals("", EntryName.parse("").fileName());
    }

    @Test
    void knowsWhichFilesTheLoaderLooksAt() {
        assertTrue(EntryName.isEntry("a.conf"));
        assertTrue(EntryName.isEntry("A.CONF"));
        assertFalse(EntryName.isEntry(".a.conf"));
        assertFalse(EntryName.isEntry("auto-windows.conf"));
        assertFalse(EntryName.isEntry(".tmp-1"));
        assertFalse(EntryName.isEntry("a.conf.bak"));
    }

    @Test
    void countsDownAsTheLoaderDoes() {
        BootCounter counter = BootCounter.fresh(3);
        StringBuilder names = new StringBuilder(counter.toString());
        for (int i = 0; i < 4; i++) {
            counter = counter.countedDown();
            names.append(' ').append(counter);
        }
        assertEquals("+3-0 +2-1 +1-2 +0-3 +0-4", names.toString());
        assertEquals(
                new BootCounter(0, Integer.MAX_VALUE),
                new BootCounter(0, Integer.MAX_VALUE).countedDown());
    }
}
