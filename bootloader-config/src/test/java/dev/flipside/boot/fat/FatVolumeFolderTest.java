package dev.flipside.boot.fat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFull;
import dev.flipside.platform.DurableFolder;
import dev.flipside.platform.DurableFolder.Content;
import dev.flipside.platform.DurableFolderContract;
import dev.flipside.platform.FaultyDisk;
import dev.flipside.platform.PowerCut;
import dev.flipside.platform.PowerLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A volume that is changed in place is a durable folder as any other. */
class FatVolumeFolderTest extends DurableFolderContract {
    private static final Instant TIME = Instant.parse("2026-11-01T12:00:00Z");
    private static final long SIZE_BYTES = 34 << 20;

    @Override
    public DurableFolder emptyFolder() throws IOException {
        return open(disk(1));
    }

    /** Names that differ in case only are one name here. */
    @Override
    @Test
    public void listsInTheOrderOfTheNames() throws IOException {
        DurableFolder folder = emptyFolder();
        for (String name : List.of("b", "a", "C", "B")) {
            folder.replace(name, text(name));
        }
        assertEquals(List.of("C", "a", "b"), folder.list(""));
        assertEquals("B", new String(folder.read("b", 9).orElseThrow(), StandardCharsets.UTF_8));
    }

    @Test
    void growsAFolderAndUsesTheRoomOfRemovedNamesAgain() throws Exception {
        FaultyDisk disk = disk(1);
        DurableFolder folder = open(disk);
        long before = folder.usableBytes();
        for (int i = 0; i < 200; i++) {
            folder.replace("x/a name that is long enough for entries %d".formatted(i), text("1"));
        }
        assertEquals(200, FatReader.open(disk).list("x").size());
        long full = folder.usableBytes();
        for (int round = 0; round < 3; round++) {
            for (String name : folder.list("x")) {
                folder.remove("x/" + name);
            }
            assertEquals(List.of(), folder.list("x"));
            for (int i = 0; i < 200; i++) {
                folder.replace(
                        "x/a name that is long enough for entries %d".formatted(i), text("2"));
            }
        }
        assertEquals(full, folder.usableBytes());
        assertTrue(full < before);
    }

    @Test
    void writesFilesOfManyClustersIntoTheGapsOfOthers() throws Exception {
        FaultyDisk disk = disk(1);
        DurableFolder folder = open(disk);
        byte[] big = new byte[3_000_001];
        new Random(1).nextBytes(big);
        for (int i = 0; i < 20; i++) {
            folder.replace("small" + i, Content.of(new byte[700 * i]));
        }
        for (int i = 0; i < 20; i += 2) {
            folder.remove("small" + i);
        }
        folder.replace("big", Content.of(big));
        FatReader reader = FatReader.open(disk);
        org.junit.jupiter.api.Assertions.assertArrayEquals(
                big, reader.readAll(reader.find("big").orElseThrow(), big.length));
    }

    @Test
    void saysThatItIsFullAndLeavesNothingBehind() throws Exception {
        DurableFolder folder = open(disk(1));
        long before = folder.usableBytes();
        IOException e =
                assertThrows(
                        IOException.class,
                        () -> folder.replace("big", Content.of(new byte[(int) SIZE_BYTES])));
        assertTrue(DiskFull.isReasonFor(e), e.getMessage());
        assertEquals(before, folder.usableBytes());
        assertEquals(List.of(), folder.list(""));
        folder.replace("all", Content.of(new byte[(int) before]));
        assertEquals(0, folder.usableBytes());
    }

    @Test
    void refusesAChainThatIsARing() throws Exception {
        FaultyDisk disk = disk(1);
        DurableFolder folder = open(disk);
        folder.replace("a", Content.of(new byte[3000]));
        FatGeometry geometry = FatGeometry.plan(SIZE_BYTES, 512);
        // The root is cluster 2, the file's are from 3 on: let the second point to the first.
        disk.write(ByteBuffer.wrap(new byte[] {3, 0, 0, 0}), geometry.fatOffsetBytes(0) + 4 * 4);
        IOException e = assertThrows(IOException.class, () -> folder.remove("a"));
        assertTrue(e.getCause() instanceof FlipsideException, e.toString());
    }

    /** Whatever write is the last: a whole old state or a whole new one, and nothing else. */
    @Test
    void survivesAPowerCutInEachOfItsSteps() throws Exception {
        FaultyDisk base = disk(1);
        DurableFolder prepared = open(base);
        for (int i = 0; i < 6; i++) {
            prepared.replace("x/kept with a long name %d".formatted(i), text("kept"));
        }
        prepared.replace("x/old", Content.of(new byte[5000]));
        prepared.replace("x/gone", Content.of(new byte[5000]));
        base.flush();
        PowerLine steady = PowerLine.steady();
        FaultyDisk whole = base.copy(1);
        whole.plugInto(steady);
        List<Map<String, Long>> states = change(whole);
        assertTrue(steady.operations() > 20, "operations: " + steady.operations());
        for (long cut = 0; cut < steady.operations(); cut++) {
            FaultyDisk disk = base.copy(cut + 7);
            disk.plugInto(PowerLine.cutAfter(cut));
            assertThrows(PowerCut.class, () -> change(disk));
            disk.powerOn(PowerLine.steady());
            Map<String, Long> found = sizes(disk);
            assertTrue(states.contains(found), "cut %d: %s".formatted(cut, found));
            // What a cut has left does not keep the same change from being made.
            change(disk);
            assertEquals(states.getLast(), sizes(disk), "cut " + cut);
        }
    }

    private static List<Map<String, Long>> change(FaultyDisk disk) throws Exception {
        List<Map<String, Long>> states = new java.util.ArrayList<>();
        DurableFolder folder = open(disk);
        states.add(sizes(disk));
        folder.remove("x/gone");
        states.add(sizes(disk));
        folder.replace("x/old", Content.of(new byte[9000]));
        states.add(sizes(disk));
        folder.replace("x/flipside-0000000002+3-0.conf", Content.of(new byte[300]));
        states.add(sizes(disk));
        folder.replace("y/0123456789abcdef.efi", Content.of(new byte[70_000]));
        states.add(sizes(disk));
        return states;
    }

    private static Map<String, Long> sizes(FaultyDisk disk) throws Exception {
        Map<String, Long> sizes = new TreeMap<>();
        FatReader reader = FatReader.open(disk);
        for (FatEntry folder : reader.list("")) {
            for (FatEntry file : reader.list(folder.name())) {
                sizes.put(folder.name() + "/" + file.name(), file.sizeBytes());
            }
        }
        return sizes;
    }

    private static DurableFolder open(FaultyDisk disk) throws IOException {
        try {
            return FatVolume.open(disk, TIME);
        } catch (FlipsideException e) {
            throw new IOException(e);
        }
    }

    private static FaultyDisk disk(long seed) throws IOException {
        try {
            FaultyDisk disk = new FaultyDisk(SIZE_BYTES, 512, seed);
            new FatWriter(new FatParameters(SIZE_BYTES, 512, 0, 1, "ESP", TIME))
                    .write(disk, written -> {});
            disk.flush();
            return disk;
        } catch (FlipsideException e) {
            throw new IOException(e);
        }
    }

    private static Content text(String text) {
        return Content.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
