package dev.flipside.boot.fat;

import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The first sector of a FAT32 volume and the FSInfo sector behind it (Microsoft FAT specification
 * 1.03, sections 3.1, 3.3 and 5), little-endian; offsets stand at each field. Both have a copy six
 * sectors on.
 */
final class BootSector {
    static final int FS_INFO_SECTOR = 1;
    static final int BACKUP_SECTOR = 6;
    static final int ROOT_CLUSTER = FatGeometry.FIRST_CLUSTER;
    static final int MIN_BYTES = 512;

    private static final int MEDIA_FIXED = 0xF8;
    private static final int SIGNATURE_OFFSET = 510;
    private static final short SIGNATURE = (short) 0xAA55;

    private BootSector() {}

    static ByteBuffer encode(FatGeometry geometry, FatParameters parameters) {
        ByteBuffer sector = sector(geometry);
        sector.put(0, new byte[] {(byte) 0xEB, 0x58, (byte) 0x90});
        sector.put(3, ascii("FLIPSIDE", 8));
        sector.putShort(11, (short) geometry.sectorSizeBytes());
        sector.put(13, (byte) geometry.sectorsPerCluster());
        sector.putShort(14, (short) geometry.reservedSectors());
        sector.put(16, (byte) geometry.fats());
        sector.put(21, (byte) MEDIA_FIXED);
        // Sectors per track and heads, for BIOS calls that nobody makes.
        sector.putShort(24, (short) 63).putShort(26, (short) 255);
        sector.putInt(28, (int) Math.min(parameters.startSectors(), 0xFFFF_FFFFL));
        sector.putInt(32, (int) geometry.totalSectors());
        sector.putInt(36, (int) geometry.fatSectors());
        sector.putInt(44, ROOT_CLUSTER);
        sector.putShort(48, (short) FS_INFO_SECTOR);
        sector.putShort(50, (short) BACKUP_SECTOR);
        sector.put(64, (byte) 0x80).put(66, (byte) 0x29);
        sector.putInt(67, parameters.serial());
        sector.put(71, ascii(parameters.label(), 11)).put(82, ascii("FAT32", 8));
        return sector.putShort(SIGNATURE_OFFSET, SIGNATURE);
    }

    static ByteBuffer encodeInfo(FatGeometry geometry, long usedClusters) {
        ByteBuffer sector = sector(geometry);
        sector.putInt(0, 0x4161_5252).putInt(484, 0x6141_7272);
        sector.putInt(488, (int) (geometry.clusters() - usedClusters));
        sector.putInt(492, (int) (FatGeometry.FIRST_CLUSTER + usedClusters));
        return sector.putShort(SIGNATURE_OFFSET, SIGNATURE);
    }

    /** The geometry that the first 512 bytes of a volume describe. */
    static FatGeometry decode(ByteBuffer sector, long volumeBytes) throws FlipsideException {
        ByteBuffer in = sector.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        check(in.getShort(SIGNATURE_OFFSET) == SIGNATURE, "a FAT32 boot sector");
        check(
                in.getShort(17) == 0 && in.getShort(22) == 0 && in.getShort(42) == 0,
                "FAT32 of version 0");
        int sectorSize = Short.toUnsignedInt(in.getShort(11));
        int perCluster = Byte.toUnsignedInt(in.get(13));
        FatGeometry geometry =
                new FatGeometry(
                        sectorSize,
                        perCluster,
                        Short.toUnsignedInt(in.getShort(14)),
                        Byte.toUnsignedInt(in.get(16)),
                        Integer.toUnsignedLong(in.getInt(36)),
                        Integer.toUnsignedLong(in.getInt(32)));
        check(
                sectorSize >= 512 && sectorSize <= 4096 && Integer.bitCount(sectorSize) == 1,
                "sectors of 512 to 4096 bytes");
        check(
                Integer.bitCount(perCluster) == 1 && perCluster * sectorSize <= 256 * 1024,
                "clusters of a power of two up to 256 KiB");
        check(
                geometry.reservedSectors() >= 1 && geometry.fats() >= 1 && geometry.fats() <= 2,
                "one or two FATs after the boot sector");
        check(
                geometry.totalSectors() * sectorSize <= volumeBytes,
                "a file system within its %d bytes".formatted(volumeBytes));
        check(
                geometry.clusters() >= 1
                        && geometry.clusters() < FatGeometry.MAX_CLUSTERS
                        && geometry.clusters() + FatGeometry.FIRST_CLUSTER
                                <= geometry.fatSizeBytes() / FatGeometry.FAT_ENTRY_BYTES,
                "FATs with an entry for each cluster");
        return geometry;
    }

    /** The first cluster of the root folder. */
    static long rootCluster(ByteBuffer sector) {
        return Integer.toUnsignedLong(sector.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(44));
    }

    private static ByteBuffer sector(FatGeometry geometry) {
        return ByteBuffer.allocate(geometry.sectorSizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    static byte[] ascii(String text, int length) {
        return (text + " ".repeat(length - text.length())).getBytes(StandardCharsets.US_ASCII);
    }

    private static void check(boolean holds, String expected) throws FlipsideException {
        if (!holds) {
            throw FatReader.malformed(expected, "something else in the boot sector");
        }
    }
}
