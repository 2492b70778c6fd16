package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class FaultyDiskTest extends BlockDeviceContract {
    @Override
    BlockDevice device(long sizeBytes, int sectorSizeBytes) {
        return new FaultyDisk(sizeBytes, sectorSizeBytes, 1);
    }

    @Test
    void keepsWhatWasFlushedThroughAPowerCut() throws IOException {
        FaultyDisk disk = new FaultyDisk(64 * 512, 512, 1);
        disk.write(filled(64 * 512, 1), 0);
        disk.flush();
        disk.powerOn(PowerLine.steady());
        assertEquals(filled(64 * 512, 1), all(disk));
    }

    @Test
    void losesAnyOfTheSectorsThatWereNotFlushed() throws IOException {
        TreeSet<Integer> survivors = new TreeSet<>();
        for (long seed = 0; seed < 20; seed++) {
            FaultyDisk disk = new FaultyDisk(64 * 512, 512, seed);
            disk.write(filled(64 * 512, 1), 0);
            disk.powerOn(PowerLine.steady());
            int count = 0;
            ByteBuffer found = all(disk);
            for (int sector = 0; sector < 64; sector++) {
                byte first = found.get(sector * 512);
                for (int i = 0; i < 512; i++) {
                    assertEquals(first, found.get(sector * 512 + i), "torn within a sector");
                }
                count += first;
            }
            survivors.add(count);
        }
        assertTrue(survivors.first() > 0 && survivors.last() < 64, survivors.toString());
        assertTrue(survivors.size() > 3, survivors.toString());
    }

    @Test
    void mayKeepAnOlderVersionOfASector() throws IOException {
        TreeSet<Byte> versions = new TreeSet<>();
        for (long seed = 0; seed < 50; seed++) {
            FaultyDisk disk = new FaultyDisk(512, 512, seed);
            disk.write(filled(512, 1), 0);
            disk.write(filled(512, 2), 0);
            disk.powerOn(PowerLine.steady());
            versions.add(all(disk).get(0));
        }
        assertEquals(new TreeSet<>(Arrays.asList((byte) 0, (byte) 1, (byte) 2)), versions);
    }

    @Test
    void doesTheSameForTheSameSeed() throws IOException {
        ByteBuffer first = afterACut(5);
        assertEquals(first, afterACut(5));
        assertTrue(!first.equals(afterACut(6)));
    }

    private static ByteBuffer afterACut(long seed) throws IOException {
        FaultyDisk disk = new FaultyDisk(64 * 512, 512, seed);
        disk.write(filled(64 * 512, 1), 0);
        disk.powerOn(PowerLine.steady());
        return all(disk);
    }

    @Test
    void isCutInTheMiddleOfTheOperationAfterTheBudget() throws IOException {
        FaultyDisk disk = new FaultyDisk(2 * 512, 512, 1);
        PowerLine line = PowerLine.cutAfter(2);
        disk.plugInto(line);
        disk.write(filled(512, 1), 0);
        disk.flush();
        assertThrows(PowerCut.class, () -> disk.write(filled(512, 2), 512));
        assertTrue(line.isCut());
        assertThrows(PowerCut.class, disk::flush);
        assertThrows(PowerCut.class, () -> all(disk));
        assertThrows(PowerCut.class, () -> disk.write(filled(512, 2), 512));
        disk.powerOn(PowerLine.steady());
        assertEquals(1, all(disk).get(0));
    }

    @Test
    void doesNotFlushWhenItIsCutWhileItFlushes() throws IOException {
        TreeSet<Byte> versions = new TreeSet<>();
        for (long seed = 0; seed < 20; seed++) {
            FaultyDisk disk = new FaultyDisk(512, 512, seed);
            disk.plugInto(PowerLine.cutAfter(1));
            disk.write(filled(512, 1), 0);
            assertThrows(PowerCut.class, disk::flush);
            disk.powerOn(PowerLine.steady());
            versions.add(all(disk).get(0));
        }
        assertEquals(2, versions.size());
    }

    @Test
    void sharesOnePowerLineWithOthers() throws IOException {
        PowerLine line = PowerLine.cutAfter(1);
        FaultyDisk one = new FaultyDisk(512, 512, 1);
        FaultyDisk other = new FaultyDisk(512, 512, 1);
        one.plugInto(line);
        other.plugInto(line);
        one.write(filled(512, 1), 0);
        assertThrows(PowerCut.class, () -> other.write(filled(512, 1), 0));
        assertThrows(PowerCut.class, () -> all(one));
    }

    @Test
    void failsReadsAndWritesWhereItIsTold() throws IOException {
        FaultyDisk disk = new FaultyDisk(8 * 512, 512, 1);
        disk.failReads(1024, 512);
        disk.refuseForRoom(2048, 1);
        assertThrows(IOException.class, () -> all(disk));
        disk.read(ByteBuffer.allocate(1024), 0);
        disk.read(ByteBuffer.allocate(512), 1536);
        IOException full = assertThrows(IOException.class, () -> disk.write(filled(1024, 1), 1536));
        assertTrue(DiskFull.isReasonFor(full));
        disk.heal();
        assertEquals(ByteBuffer.allocate(8 * 512), all(disk));
    }

    @Test
    void showsLostWritesOnlyInTheCache() throws IOException {
        FaultyDisk disk = new FaultyDisk(8 * 4096, 512, 1);
        disk.loseWrites(4096, 512);
        disk.write(filled(2 * 4096, 1), 0);
        disk.flush();
        assertEquals(1, all(disk).get(4096));
        ByteBuffer medium = ByteBuffer.allocate(2 * 4096);
        disk.readPastCache(medium, 0);
        assertEquals(1, medium.get(4095));
        assertEquals(0, medium.get(4096));
        assertEquals(1, medium.get(4096 + 512));
        disk.powerOn(PowerLine.steady());
        assertEquals(0, all(disk).get(4096));
    }

    @Test
    void rots() throws IOException {
        FaultyDisk disk = new FaultyDisk(8 * 512, 512, 1);
        disk.rot(700, 0x81);
        assertEquals((byte) 0x81, all(disk).get(700));
        assertEquals(0, all(disk).get(699));
    }

    @Test
    void copiesOnlyWhatIsOnTheMedium() throws IOException {
        FaultyDisk disk = new FaultyDisk(2 * 512, 512, 1);
        disk.write(filled(512, 1), 0);
        disk.flush();
        disk.write(filled(512, 2), 512);
        FaultyDisk copy = disk.copy(2);
        assertEquals(1, all(copy).get(0));
        assertEquals(0, all(copy).get(512));
        copy.write(filled(512, 3), 0);
        assertEquals(1, all(disk).get(0));
    }

    private static ByteBuffer filled(int lengthBytes, int value) {
        byte[] bytes = new byte[lengthBytes];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }

    private static ByteBuffer all(FaultyDisk disk) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) disk.sizeBytes());
        disk.read(buffer, 0);
        return buffer.flip();
    }
}
