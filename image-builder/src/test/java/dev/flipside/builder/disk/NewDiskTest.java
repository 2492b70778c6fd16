package dev.flipside.builder.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.platform.OutputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NewDiskTest {
    private static final int SIZE_BYTES = 3 << 20;

    @TempDir Path folder;

    /** Overlapping writes of data and zeros, at any offset, as a plain array takes them. */
    @ParameterizedTest
    @EnumSource(DiskFormat.class)
    void readsWhatWasWrittenLast(DiskFormat format) throws Exception {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            byte[] expected = new byte[SIZE_BYTES];
            try (OutputFile file = OutputFile.create(folder.resolve("disk"));
                    NewDisk disk = create(format, file)) {
                for (int i = 0; i < 60; i++) {
                    int offset = random.nextInt(SIZE_BYTES);
                    byte[] bytes = new byte[random.nextInt(Math.min(SIZE_BYTES - offset, 200_000))];
                    if (random.nextBoolean()) {
                        random.nextBytes(bytes);
                    }
                    disk.write(ByteBuffer.wrap(bytes), offset);
                    System.arraycopy(bytes, 0, expected, offset, bytes.length);
                }
                ByteBuffer found = ByteBuffer.allocate(SIZE_BYTES);
                disk.read(found, 0);
                assertArrayEquals(expected, found.array(), "seed " + seed);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DiskFormat.class)
    void refusesToWriteBeyondItsEnd(DiskFormat format) throws Exception {
        try (OutputFile file = OutputFile.create(folder.resolve("disk"));
                NewDisk disk = create(format, file)) {
            assertThrows(
                    IOException.class,
                    () -> disk.write(ByteBuffer.wrap(new byte[] {1, 2}), SIZE_BYTES - 1));
        }
    }

    @Test
    void aQcow2HasNoClustersForZeros() throws Exception {
        Path out = folder.resolve("disk.qcow2");
        try (OutputFile file = OutputFile.create(out);
                NewDisk disk = create(DiskFormat.QCOW2, file)) {
            disk.write(ByteBuffer.allocate(SIZE_BYTES), 0);
            disk.write(ByteBuffer.wrap(new byte[] {1}), 100_000);
            disk.finish();
            file.commit();
        }
        // Header, one cluster, one table of each level, refcount table and one block of it.
        assertEquals(6 * 65_536, Files.size(out));
    }

    @Test
    void aVhdEndsInAFooterThatIsFoundAgain() throws Exception {
        Path out = folder.resolve("disk.vhd");
        try (OutputFile file = OutputFile.create(out);
                NewDisk disk = create(DiskFormat.VHD, file)) {
            disk.write(ByteBuffer.wrap(new byte[] {1}), 100_000);
            disk.finish();
            file.commit();
        }
        byte[] bytes = Files.readAllBytes(out);
        assertEquals(SIZE_BYTES + VhdFooter.BYTES, bytes.length);
        ByteBuffer footer = ByteBuffer.wrap(bytes, SIZE_BYTES, VhdFooter.BYTES).slice();
        assertTrue(VhdFooter.isFixed(footer, SIZE_BYTES));
        for (int i = 0; i < VhdFooter.BYTES; i++) {
            footer.put(i, (byte) (footer.get(i) ^ 1));
            assertEquals(false, VhdFooter.isFixed(footer, SIZE_BYTES), "byte " + i);
            footer.put(i, (byte) (footer.get(i) ^ 1));
        }
    }

    /** By hand, after the specification's "CHS Calculation": cylinders, heads, sectors. */
    @ParameterizedTest
    @CsvSource({
        "3, 90, 4, 17",
        "100, 1003, 12, 17",
        "512, 1040, 16, 63",
        "30720, 62415, 16, 63",
        "102400, 51400, 16, 255",
        "2088960, 65535, 16, 255"
    })
    void aVhdHasTheGeometryOfItsSize(long mebibytes, int cylinders, int heads, int sectors) {
        assertEquals(
                cylinders << 16 | heads << 8 | sectors,
                VhdFooter.geometry(mebibytes << 11),
                () -> Integer.toHexString(VhdFooter.geometry(mebibytes << 11)));
    }

    private static NewDisk create(DiskFormat format, OutputFile file) throws IOException {
        return switch (format) {
            case RAW -> RawDisk.create(file, SIZE_BYTES, 512, Optional.empty());
            case QCOW2 -> new Qcow2Disk(file.channel(), SIZE_BYTES, 512);
            case VHD ->
                    RawDisk.create(
                            file,
                            SIZE_BYTES,
                            512,
                            Optional.of(
                                    VhdFooter.fixed(
                                            SIZE_BYTES,
                                            java.time.Instant.parse("2026-11-01T12:00:00Z"),
                                            new java.util.UUID(1, 2))));
        };
    }
}
