package dev.flipside.boot.entries;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.entries.BootEntry.ImageKey;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootEntryTest {
    @Test
    void writesTheFileThatTheSpecificationDescribes() {
        BootEntry entry =
                BootEntry.flipside(
                        12, Optional.of(BootCounter.fresh(3)), "host 1.2", "flipside/ab.efi");
        assertEquals("flipside-0000000012+3-0.conf", entry.fileName());
        assertEquals(
                "title host 1.2\nsort-key flipside\nversion 0000000012\nlinux /flipside/ab.efi\n",
                new String(entry.content(), StandardCharsets.UTF_8));
        assertEquals(OptionalLong.of(12), entry.sequence());
        assertEquals("flipside-0000000012.conf", entry.id());
    }

    @Test
    void readsAsTheLoaderReads() {
        BootEntry entry =
                parse(
                        """
                        # a comment\r
                        title\t "Two words"  \r
                          version 1\s
                        version 2
                        sort-key
                        efi \\EFI\\\\Linux/a.efi
                        options root=x
                        \0title hidden
                        """);
        assertEquals(Optional.of("Two words"), entry.title());
        assertEquals(Optional.of("2"), entry.version());
        assertEquals(Optional.empty(), entry.sortKey());
        assertEquals(Optional.of("EFI/Linux/a.efi"), entry.imagePath());
    }

    /** Loaders before 258 do not know {@code uki}, and those from 259 on count no {@code efi}. */
    @Test
    void namesItsImageByTheKeyThatEveryLoaderCounts() {
        BootEntry own = BootEntry.flipside(1, Optional.empty(), "a", "flipside/a.efi");
        assertEquals(Optional.of(ImageKey.LINUX), own.imageKey());
        assertEquals(Optional.of(ImageKey.EFI), parse("efi /a.efi\n").imageKey());
        assertEquals(Optional.of(ImageKey.UKI), parse("uki /a.efi\n").imageKey());
        assertEquals(Optional.empty(), parse("linux /a.efi\nefi /a.efi\n").imageKey());
        assertEquals(Optional.empty(), parse("LINUX /a.efi\n").imageKey());
    }

    @Test
    void doesNotStartAnImageOutsideOfTheEsp() {
        assertEquals(Optional.empty(), parse("efi /../a.efi\n").imagePath());
        assertEquals(Optional.empty(), parse("efi /\n").imagePath());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flipside-1.conf",
                "flipside-00000000001.conf",
                "flipside-0000000001.CONF",
                "flipside-0000000001+x.conf",
                "Flipside-0000000001.conf",
                "flipside-0000000001.conf.bak",
                "debian.conf"
            })
    void takesAnyOtherNameForForeign(String fileName) {
        BootEntry entry = BootEntry.parse(fileName, new byte[0]);
        assertTrue(entry.sequence().isEmpty());
        assertThrows(IllegalStateException.class, entry::content);
    }

    @Test
    void refusesTextThatWouldBreakTheFile() {
        Optional<BootCounter> none = Optional.empty();
        for (String title : new String[] {"a\nb", "", " a", "\"a\""}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> BootEntry.flipside(1, none, title, "flipside/a.efi"));
        }
        for (String path : new String[] {"/a.efi", "../a.efi", "a//b", ""}) {
            assertThrows(
                    IllegalArgumentException.class, () -> BootEntry.flipside(1, none, "a", path));
        }
        for (long sequence : new long[] {0, -1, 10_000_000_000L}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> BootEntry.flipside(sequence, none, "a", "a.efi"));
        }
    }

    @Test
    void tellsGoodFromBadFromWaiting() {
        BootEntry good = BootEntry.flipside(1, Optional.empty(), "a", "a.efi");
        BootEntry waiting = good.with(Optional.of(BootCounter.fresh(3)));
        BootEntry bad = good.with(Optional.of(new BootCounter(0, 3)));
        assertTrue(good.isGood() && !waiting.isGood() && !bad.isGood());
        assertTrue(bad.isBad() && !waiting.isBad() && !good.isBad());
        assertEquals(good, bad.with(Optional.empty()));
    }

    @Test
    void readsAnyBytesAsSomeEntry() {
        long seed = 99;
        Random random = new Random(seed);
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            BootEntry entry = BootEntry.parse("a.conf", bytes);
            assertFalse(entry.imagePath().orElse("x").isEmpty(), "seed %d".formatted(seed));
        }
    }

    @Test
    void findsTheDefaultThatMakesFallbackImpossible() {
        assertEquals(
                Optional.of("debian*"),
                LoaderConf.parse(
                                "timeout 3\ndefault x\ndefault debian*\n"
                                        .getBytes(StandardCharsets.UTF_8))
                        .defaultEntry());
        assertEquals(Optional.empty(), LoaderConf.parse(LoaderConf.content()).namedEntry());
    }

    @Test
    void findsThePreferredEntryThatComesBeforeANewerOne() {
        LoaderConf conf =
                LoaderConf.parse(
                        "default a.conf\npreferred b.conf\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(Optional.of("a.conf"), conf.defaultEntry());
        assertEquals(Optional.of("b.conf"), conf.preferredEntry());
        assertEquals(Optional.of("b.conf"), conf.namedEntry());
    }

    private static BootEntry parse(String content) {
        return BootEntry.parse("a.conf", content.getBytes(StandardCharsets.UTF_8));
    }
}
