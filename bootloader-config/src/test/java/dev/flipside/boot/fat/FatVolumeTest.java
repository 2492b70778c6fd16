package dev.flipside.boot.fat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.RecordingDisk;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.platform.FileBlockDevice;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FatVolumeTest {
    private static final long MIB = 1 << 20;
    private static final int SIZE = (int) (36 * MIB);
    private static final Instant TIME = Instant.parse("2026-11-01T12:34:57Z");

    @Test
    void readsWhatItWrote() throws Exception {
        RecordingDisk disk = volume(files());
        FaultyFolder copy = new FaultyFolder(1);
        FatReader.open(disk).copyTo(copy);
        assertEquals(files().keySet(), copy.files().keySet());
        for (Map.Entry<String, byte[]> file : files().entrySet()) {
            assertArrayEquals(file.getValue(), copy.files().get(file.getKey()), file.getKey());
        }
    }

    @Test
    void findsNamesWhateverTheirCase() throws Exception {
        FatReader reader = FatReader.open(volume(files()));
        assertEquals("loader.conf", reader.find("LOADER/Loader.CONF").orElseThrow().name());
        assertTrue(reader.find("loader/none").isEmpty());
        assertTrue(reader.find("loader/loader.conf/x").isEmpty());
        assertEquals(
                List.of("entries", "loader.conf"),
                reader.list("loader").stream().map(FatEntry::name).toList());
        assertThrows(FlipsideException.class, () -> reader.list("loader/loader.conf"));
        FatEntry file = reader.find("EFI/BOOT/BOOTX64.EFI").orElseThrow();
        assertThrows(FlipsideException.class, () -> reader.readAll(file, 10));
    }

    @Test
    void opensAFileForReadsFromAnyOffset() throws Exception {
        FatReader reader = FatReader.open(volume(files()));
        String path = "EFI/BOOT/BOOTX64.EFI";
        byte[] expected = files().get(path);
        RandomAccess file = reader.open(reader.find(path).orElseThrow());
        assertEquals(expected.length, file.sizeBytes());
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            int from = random.nextInt(expected.length);
            byte[] found = new byte[random.nextInt(expected.length - from + 1)];
            file.read(ByteBuffer.wrap(found), from);
            assertArrayEquals(
                    Arrays.copyOfRange(expected, from, from + found.length), found, "seed " + seed);
        }
        ByteBuffer tooMuch = ByteBuffer.allocate(2);
        assertThrows(java.io.EOFException.class, () -> file.read(tooMuch, expected.length - 1));
    }

    @Test
    void writesTheSameBytesEachTime() throws Exception {
        assertArrayEquals(volume(files()).bytes(), volume(files()).bytes());
    }

    @Test
    void keepsACopyOfTheBootSectorAndOfTheFat() throws Exception {
        byte[] bytes = volume(files()).bytes();
        FatGeometry geometry = FatGeometry.plan(SIZE, 512);
        assertArrayEquals(
                Arrays.copyOfRange(bytes, 0, 1024), Arrays.copyOfRange(bytes, 6 * 512, 8 * 512));
        int fat = (int) geometry.fatOffsetBytes(0);
        int size = (int) geometry.fatSizeBytes();
        assertArrayEquals(
                Arrays.copyOfRange(bytes, fat, fat + size),
                Arrays.copyOfRange(bytes, fat + size, fat + 2 * size));
    }

    @Test
    void leavesNoTraceOfWhatWasOnTheDisk() throws Exception {
        RecordingDisk dirty = new RecordingDisk(512, SIZE / 512);
        new Random(3).nextBytes(dirty.bytes());
        write(dirty, files());
        FaultyFolder copy = new FaultyFolder(1);
        FatReader.open(dirty).copyTo(copy);
        assertEquals(files().keySet(), copy.files().keySet());
    }

    @Test
    void refusesFilesThatDoNotFitBeforeItWritesAnything() throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SIZE / 512);
        FatWriter writer = new FatWriter(parameters());
        writer.file("big", RandomAccess.of(new byte[SIZE]));
        FlipsideException e =
                assertThrows(FlipsideException.class, () -> writer.write(disk, bytes -> {}));
        assertEquals(FailureCode.ESP_TOO_SMALL, e.failure().code());
        assertTrue(disk.operations().isEmpty());
    }

    @Test
    void refusesNamesThatSomeReaderWouldChange() throws Exception {
        FatWriter writer = new FatWriter(parameters());
        RandomAccess content = RandomAccess.of(new byte[1]);
        writer.file("loader/a.conf", content);
        for (String path :
                List.of(
                        "loader/A.CONF",
                        "LOADER/b",
                        "a:b",
                        "a.",
                        "a ",
                        " a",
                        "a//b",
                        "/a",
                        "",
                        "ä",
                        "a\nb",
                        "x".repeat(256),
                        "loader/a.conf/b")) {
            assertThrows(IllegalArgumentException.class, () -> writer.file(path, content), path);
        }
    }

    @Test
    void writesAVolumeWithLargeSectorsToADeviceWithoutFillingIt(@TempDir Path folder)
            throws Exception {
        Path file = folder.resolve("esp");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(300 * MIB);
        }
        try (BlockDevice device = FileBlockDevice.openForWriting(file, 4096)) {
            FatWriter writer =
                    new FatWriter(new FatParameters(300 * MIB, 4096, 256, 7, "ESP", TIME));
            files().forEach((path, bytes) -> writer.file(path, RandomAccess.of(bytes)));
            List<Long> progress = new ArrayList<>();
            writer.write(device, progress::add);
            assertEquals(
                    files().values().stream().mapToLong(bytes -> bytes.length).sum(),
                    progress.stream().mapToLong(bytes -> bytes).sum());
            FaultyFolder copy = new FaultyFolder(1);
            FatReader.open(device).copyTo(copy);
            assertEquals(files().keySet(), copy.files().keySet());
        }
    }

    @Test
    void clampsTimesThatFatDoesNotKnow() throws Exception {
        for (Instant time : List.of(Instant.EPOCH, Instant.parse("2300-01-01T00:00:00Z"))) {
            FatWriter writer = new FatWriter(new FatParameters(SIZE, 512, 0, 1, "ESP", time));
            writer.file("A", RandomAccess.of(new byte[1]));
            RecordingDisk disk = new RecordingDisk(512, SIZE / 512);
            writer.write(disk, bytes -> {});
            int root = (int) FatGeometry.plan(SIZE, 512).clusterOffsetBytes(2);
            int date =
                    ByteBuffer.wrap(disk.bytes())
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getShort(root + 32 + 24);
            int year = 1980 + ((date & 0xFFFF) >>> 9);
            assertEquals(time.equals(Instant.EPOCH) ? 1980 : 2107, year);
        }
    }

    @Test
    void givesAValueOrAFailureForAnyBytes() throws Exception {
        byte[] bytes =
                volume(
                                Map.of(
                                        "a/long name",
                                        new byte[9000],
                                        "a/b/c",
                                        new byte[1],
                                        "D",
                                        new byte[1]))
                        .bytes();
        FatGeometry geometry = FatGeometry.plan(SIZE, 512);
        int[] areas = {
            0,
            (int) geometry.fatOffsetBytes(0),
            (int) geometry.clusterOffsetBytes(2),
            (int) geometry.clusterOffsetBytes(3)
        };
        long seed = 11;
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 600; round++) {
            int area = areas[random.nextInt(areas.length)];
            byte[] saved = Arrays.copyOfRange(bytes, area, area + 256);
            for (int i = 0; i < 4; i++) {
                bytes[area + random.nextInt(i % 2 == 0 ? 100 : 256)] = (byte) random.nextInt();
            }
            try {
                FatReader.open(RandomAccess.of(bytes)).copyTo(new FaultyFolder(1));
            } catch (FlipsideException e) {
                refused++;
                assertEquals(
                        FailureCode.ESP_MALFORMED,
                        e.failure().code(),
                        "seed %d round %d".formatted(seed, round));
            } finally {
                System.arraycopy(saved, 0, bytes, area, saved.length);
            }
        }
        assertTrue(refused > 50, "only %d of 600 refused".formatted(refused));
    }

    @Test
    void refusesAChainThatRunsInARing() throws Exception {
        RecordingDisk disk = volume(files());
        FatGeometry geometry = FatGeometry.plan(SIZE, 512);
        ByteBuffer.wrap(disk.bytes())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) geometry.fatOffsetBytes(0) + 8, 2);
        assertThrows(FlipsideException.class, () -> FatReader.open(disk).list(""));
    }

    @Test
    void refusesABootSectorThatIsNone() {
        assertThrows(FlipsideException.class, () -> FatReader.open(RandomAccess.of(new byte[100])));
        assertThrows(
                FlipsideException.class, () -> FatReader.open(RandomAccess.of(new byte[4096])));
    }

    @Test
    void ignoresALongNameThatBelongsToAnotherFile() throws Exception {
        RecordingDisk disk = volume(Map.of("long name", new byte[1]));
        int root = (int) FatGeometry.plan(SIZE, 512).clusterOffsetBytes(2);
        disk.bytes()[root + 32 + 13]++;
        String name = FatReader.open(disk).list("").getFirst().name();
        assertFalse(name.equals("long name"), name);
        assertEquals("LONGNA~1", name);
    }

    private static Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        byte[] loader = new byte[5000];
        new Random(1).nextBytes(loader);
        files.put("EFI/BOOT/BOOTX64.EFI", loader);
        files.put("EFI/systemd/systemd-bootx64.efi", loader);
        files.put("empty", new byte[0]);
        files.put("loader/loader.conf", "timeout 0\n".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 40; i++) {
            files.put("loader/entries/flipside-%010d+3-0.conf".formatted(i), new byte[i]);
        }
        files.put("flipside/" + "ab".repeat(32) + ".efi", new byte[(int) (2 * MIB + 1)]);
        return files;
    }

    private static FatParameters parameters() {
        return new FatParameters(SIZE, 512, 2048, 0x1234_5678, "ESP", TIME);
    }

    private static RecordingDisk volume(Map<String, byte[]> files) throws Exception {
        RecordingDisk disk = new RecordingDisk(512, SIZE / 512);
        write(disk, files);
        return disk;
    }

    private static void write(RecordingDisk disk, Map<String, byte[]> files) throws Exception {
        FatWriter writer = new FatWriter(parameters());
        files.forEach((path, bytes) -> writer.file(path, RandomAccess.of(bytes)));
        writer.write(disk, bytes -> {});
    }
}
