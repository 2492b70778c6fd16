package dev.flipside.boot.entries;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FaultyFolder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BootEntriesTest {
    private static final String FOLDER = "loader/entries/";

    private final FaultyFolder esp = new FaultyFolder(1);
    private final BootEntries entries = new BootEntries(esp);

    @Test
    void startsWithSequenceOneOnAnEmptyEsp() throws Exception {
        assertEquals(1, entries.nextSequence());
        assertEquals(List.of(), entries.list().all());
    }

    @Test
    void countsBadEntriesWhenItChoosesTheNextSequence() throws Exception {
        entries.add(entry(4, Optional.empty()));
        entries.markBad(added(7));
        assertEquals(8, entries.nextSequence());
    }

    @Test
    void refusesASequenceOfElevenDigits() throws Exception {
        entries.add(entry(BootEntry.MAX_SEQUENCE, Optional.empty()));
        FlipsideException e = assertThrows(FlipsideException.class, entries::nextSequence);
        assertEquals(FailureCode.ESP_MALFORMED, e.failure().code());
    }

    @Test
    void renamesAsTheLoaderAndSystemdBlessBootDo() throws Exception {
        BootEntry entry = entries.countDown(added(2));
        assertOnly("flipside-0000000002+2-1.conf");
        entry = entries.markBad(entry);
        assertOnly("flipside-0000000002+0-1.conf");
        entry = entries.markGood(entry);
        assertOnly("flipside-0000000002.conf");
        assertEquals(entry, entries.countDown(entry));
        assertOnly("flipside-0000000002.conf");
        assertEquals(List.of(entry), entries.list().own());
        entries.remove(entry);
        assertTrue(esp.files().isEmpty());
    }

    @Test
    void listsForeignEntriesAndDoesNotTouchThem() throws Exception {
        byte[] debian = "title Debian\nlinux /vmlinuz\n".getBytes(StandardCharsets.UTF_8);
        esp.plant(FOLDER + "debian.conf", debian);
        esp.plant(FOLDER + "notes.txt", debian);
        esp.plant(FOLDER + ".tmp-1", debian);
        esp.plant("EFI/Linux/arch.efi", debian);
        esp.plant("EFI/Linux/readme", debian);
        BootEntry own = added(1);
        BootEntries.Listing listing = entries.list();
        assertEquals(List.of(own), listing.own());
        assertEquals(
                List.of("debian.conf"),
                listing.foreign().stream().map(BootEntry::fileName).toList());
        assertEquals(List.of("EFI/Linux/arch.efi"), listing.foreignImages());
        BootEntry foreign = listing.foreign().getFirst();
        assertThrows(IllegalArgumentException.class, () -> entries.remove(foreign));
        assertThrows(IllegalArgumentException.class, () -> entries.markBad(foreign));
        assertThrows(IllegalStateException.class, () -> entries.add(foreign));
        assertArrayEquals(debian, esp.files().get(FOLDER + "debian.conf"));
    }

    @Test
    void refusesEntriesBeyondAnyBound() {
        esp.plant(FOLDER + "big.conf", new byte[BootEntries.MAX_ENTRY_BYTES + 1]);
        assertThrows(FlipsideException.class, entries::list);
        FaultyFolder crowded = new FaultyFolder(1);
        for (int i = 0; i <= BootEntries.MAX_FILES; i++) {
            crowded.plant(FOLDER + i + ".conf", new byte[0]);
        }
        assertThrows(FlipsideException.class, () -> new BootEntries(crowded).list());
    }

    private BootEntry added(long sequence) throws Exception {
        BootEntry entry = entry(sequence, Optional.of(BootCounter.fresh(3)));
        entries.add(entry);
        return entry;
    }

    private void assertOnly(String name) {
        assertEquals(List.of(FOLDER + name), List.copyOf(esp.files().keySet()));
    }

    private static BootEntry entry(long sequence, Optional<BootCounter> counter) {
        return BootEntry.flipside(sequence, counter, "host 1", "flipside/a.efi");
    }
}
