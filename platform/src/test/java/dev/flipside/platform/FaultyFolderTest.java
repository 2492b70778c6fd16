package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class FaultyFolderTest extends DurableFolderContract {
    private static final int SEEDS = 60;

    @Override
    public DurableFolder emptyFolder() {
        return new FaultyFolder(1);
    }

    /** All that a cut after so many operations can leave, over many seeds. */
    private static Set<String> outcomes(int operations, Change change) throws IOException {
        Set<String> outcomes = new TreeSet<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            FaultyFolder folder = new FaultyFolder(seed);
            folder.plant("a", "old".getBytes(StandardCharsets.UTF_8));
            folder.plugInto(PowerLine.cutAfter(operations));
            assertThrows(PowerCut.class, () -> change.make(folder));
            assertThrows(PowerCut.class, () -> folder.read("a", 10));
            folder.powerOn(PowerLine.steady());
            outcomes.add(describe(folder));
        }
        return outcomes;
    }

    private static String describe(FaultyFolder folder) {
        return folder.files().entrySet().stream()
                .map(e -> e.getKey() + "=" + new String(e.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining(" "));
    }

    @FunctionalInterface
    private interface Change {
        void make(FaultyFolder folder) throws IOException;
    }

    private static DurableFolder.Content text(String text) {
        return DurableFolder.Content.of(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void keepsTheOldFileWhenItIsCutBeforeTheRename() throws IOException {
        Set<String> expected =
                Set.of(".tmp-0= a=old", ".tmp-0=n a=old", ".tmp-0=ne a=old", ".tmp-0=new a=old");
        assertEquals(expected, outcomes(0, folder -> folder.replace("a", text("new"))));
        assertEquals(expected, outcomes(1, folder -> folder.replace("a", text("new"))));
    }

    @Test
    void hasTheOldFileOrTheNewOneWhenItIsCutInTheRename() throws IOException {
        Set<String> expected = Set.of(".tmp-0=new a=old", ".tmp-0=new a=new", "a=new");
        assertEquals(expected, outcomes(2, folder -> folder.replace("a", text("new"))));
        assertEquals(expected, outcomes(3, folder -> folder.replace("a", text("new"))));
    }

    @Test
    void hasEitherNameOrBothWhenARenameIsCut() throws IOException {
        Set<String> expected = Set.of("a=old", "a=old b=old", "b=old");
        assertEquals(expected, outcomes(0, folder -> folder.rename("a", "b")));
        assertEquals(expected, outcomes(1, folder -> folder.rename("a", "b")));
    }

    @Test
    void hasTheFileOrNotWhenARemovalIsCut() throws IOException {
        assertEquals(Set.of("", "a=old"), outcomes(0, folder -> folder.remove("a")));
        assertEquals(Set.of("", "a=old"), outcomes(1, folder -> folder.remove("a")));
    }

    @Test
    void hasAnyPartOfWhatWasAppendedWhenThatIsCut() throws IOException {
        assertEquals(
                Set.of("a=old", "a=oldX", "a=oldXY"),
                outcomes(1, folder -> folder.append("a", new byte[] {'X', 'Y'})));
    }

    @Test
    void keepsWhatHasReturnedThroughACut() throws IOException {
        FaultyFolder folder = new FaultyFolder(1);
        PowerLine counting = PowerLine.steady();
        folder.plugInto(counting);
        folder.replace("a", text("new"));
        folder.append("log", new byte[] {'x'});
        folder.rename("a", "b");
        folder.plugInto(PowerLine.cutAfter(0));
        assertThrows(PowerCut.class, () -> folder.remove("b"));
        assertTrue(folder.files().containsKey("log"));
        assertEquals(8, counting.operations());
    }

    @Test
    void sweepsTheTemporaryFileOfACut() throws IOException {
        FaultyFolder folder = new FaultyFolder(1);
        folder.plugInto(PowerLine.cutAfter(0));
        assertThrows(PowerCut.class, () -> folder.replace("x/a", text("new")));
        folder.powerOn(PowerLine.steady());
        assertEquals(List.of(".tmp-0"), folder.list("x"));
        assertEquals(1, folder.sweepTemporaryFiles());
        assertEquals(Set.of(), folder.files().keySet());
    }

    @Test
    void runsOutOfRoomAndLeavesNothingOfTheNewFile() throws IOException {
        FaultyFolder folder = new FaultyFolder(1);
        folder.replace("a", text("12345"));
        folder.limitTo(9);
        assertEquals(4, folder.usableBytes());
        IOException full =
                assertThrows(IOException.class, () -> folder.replace("a", text("67890")));
        assertTrue(DiskFull.isReasonFor(full));
        assertEquals("a=12345", describe(folder));
        assertThrows(IOException.class, () -> folder.append("a", new byte[5]));
        folder.replace("b", text("1234"));
        assertEquals(0, folder.usableBytes());
    }

    @Test
    void changesNothingWhenItIsReadOnly() throws IOException {
        FaultyFolder folder = new FaultyFolder(1);
        folder.replace("a", text("1"));
        folder.makeReadOnly(true);
        assertThrows(IOException.class, () -> folder.replace("a", text("2")));
        assertThrows(IOException.class, () -> folder.rename("a", "b"));
        assertThrows(IOException.class, () -> folder.remove("a"));
        assertThrows(IOException.class, () -> folder.append("a", new byte[1]));
        assertEquals("a=1", describe(folder));
    }

    @Test
    void failsReadsWhenItIsTold() {
        FaultyFolder folder = new FaultyFolder(1);
        folder.plant("a", new byte[1]);
        folder.makeUnreadable(true);
        assertThrows(IOException.class, () -> folder.read("a", 1));
        assertThrows(IOException.class, () -> folder.open("a"));
        assertThrows(IOException.class, () -> folder.list(""));
    }
}
