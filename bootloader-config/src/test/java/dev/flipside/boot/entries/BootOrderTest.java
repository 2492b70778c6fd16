package dev.flipside.boot.entries;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.release.Architecture;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BootOrderTest {
    /** The entries of systemd's test-bootspec.c, {@code bootspec_sort}, in the order it expects. */
    @Test
    void sortsTheEntriesOfSystemdsOwnTest() {
        assertOrder(
                List.of(
                        entry("d.conf", "sort-key kkkk", "version 100", "machine-id 81c6"),
                        entry("cx.conf", "sort-key xxxx", "version 10", "machine-id 309d"),
                        entry("c.conf", "sort-key xxxx", "version 5", "machine-id 309d"),
                        entry("b.conf", "version 3", "machine-id b754"),
                        entry("a-10.conf", "version 10", "machine-id dd23"),
                        entry("a-5.conf", "version 5", "machine-id dd23")));
    }

    @Test
    void putsBadEntriesLastWhateverTheirVersion() {
        assertOrder(
                List.of(
                        own(1, ""),
                        entry("zzz.conf", "title none"),
                        own(3, "+0-3"),
                        own(2, "+0-1"),
                        entry("other+0.conf", "title none")));
    }

    @Test
    void putsTheHighestSequenceFirst() {
        assertOrder(List.of(own(10, "+3-0"), own(9, ""), own(2, "+1-2"), own(1, "")));
        assertOrder(List.of(own(1_000_000_000L, "+3-0"), own(999_999_999L, "")));
    }

    @Test
    void groupsByMachineBeforeItLooksAtVersions() {
        assertOrder(
                List.of(
                        entry("a.conf", "sort-key k", "version 1"),
                        entry("b.conf", "sort-key k", "machine-id 1", "version 1"),
                        entry("c.conf", "sort-key k", "machine-id 2", "version 9")));
    }

    @Test
    void prefersMoreTriesLeftThenFewerDoneBetweenTwoNamesOfOneEntry() {
        assertOrder(List.of(own(1, "+3-0"), own(1, "+2-1"), own(1, "+2-2")));
    }

    @Test
    void picksABadEntryWhenThereIsNoOther() {
        BootEntry older = own(1, "+0-3");
        BootEntry newer = own(2, "+0-3");
        assertEquals(
                Optional.of(newer),
                BootOrder.pick(List.of(older, newer), Architecture.X86_64, image -> true));
    }

    @Test
    void passesOverEntriesThatTheLoaderDoesNotList() {
        BootEntry good = own(1, "");
        List<BootEntry> entries =
                List.of(
                        entry("no-image.conf", "sort-key a"),
                        entry("missing.conf", "sort-key a", "efi /gone.efi"),
                        entry("arm.conf", "sort-key a", "architecture aa64", "efi /flipside/a.efi"),
                        entry(".hidden.conf", "sort-key a", "efi /flipside/a.efi"),
                        entry("two.conf", "sort-key a", "efi /flipside/a.efi", "linux /vmlinuz"),
                        good);
        Set<String> files = Set.of("flipside/a.efi", "vmlinuz");
        assertEquals(
                Optional.of(good), BootOrder.pick(entries, Architecture.X86_64, files::contains));
        assertEquals(
                Optional.of("arm.conf"),
                BootOrder.pick(entries, Architecture.ARM64, files::contains)
                        .map(BootEntry::fileName));
        assertEquals(
                Optional.empty(), BootOrder.pick(entries, Architecture.X86_64, image -> false));
    }

    private static void assertOrder(List<BootEntry> expected) {
        long seed = 7;
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            List<BootEntry> shuffled = new ArrayList<>(expected);
            Collections.shuffle(shuffled, random);
            assertEquals(
                    expected.stream().map(BootEntry::fileName).toList(),
                    BootOrder.sorted(shuffled).stream().map(BootEntry::fileName).toList(),
                    "seed " + seed);
        }
    }

    private static BootEntry own(long sequence, String counter) {
        Optional<BootCounter> parsed = EntryName.parse("x" + counter + ".conf").counter();
        return BootEntry.flipside(sequence, parsed, "host", "flipside/a.efi");
    }

    private static BootEntry entry(String fileName, String... lines) {
        return BootEntry.parse(fileName, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }
}
