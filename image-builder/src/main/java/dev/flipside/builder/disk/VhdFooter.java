package dev.flipside.builder.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/**
 * The last 512 bytes of a VHD (Microsoft, Virtual Hard Disk Image Format Specification 1.0, "Hard
 * Disk Footer Format"), big-endian: 0 {@code conectix}, 8 features, 12 version, 16 offset of a
 * dynamic header, 24 seconds since 2000, 28 creator, 32 its version, 36 its host, 40 original and
 * 48 current size, 56 geometry, 60 type, 64 checksum, 68 UUID, 84 saved state.
 */
final class VhdFooter {
    static final int BYTES = 512;

    private static final int FEATURES_RESERVED = 2;
    private static final int VERSION = 0x0001_0000;
    private static final int CREATOR_VERSION = 0x000A_0000;
    private static final int TYPE_FIXED = 2;
    private static final int CHECKSUM_OFFSET = 64;
    private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
    private static final long MAX_CHS_SECTORS = 65_535L * 16 * 255;

    private VhdFooter() {}

    /** The footer of a disk of fixed size. */
    static ByteBuffer fixed(long sizeBytes, Instant created, UUID uuid) {
        ByteBuffer footer = ByteBuffer.allocate(BYTES).order(ByteOrder.BIG_ENDIAN);
        footer.put(0, ascii("conectix"))
                .putInt(8, FEATURES_RESERVED)
                .putInt(12, VERSION)
                .putLong(16, -1L)
                .putInt(24, seconds(created));
        // Readers take the size from the geometry, which rounds it, unless Hyper-V says it is its.
        footer.put(28, ascii("win ")).putInt(32, CREATOR_VERSION).put(36, ascii("Wi2k"));
        footer.putLong(40, sizeBytes).putLong(48, sizeBytes);
        footer.putInt(56, geometry(sizeBytes / BYTES)).putInt(60, TYPE_FIXED);
        footer.putLong(68, uuid.getMostSignificantBits());
        footer.putLong(76, uuid.getLeastSignificantBits());
        return footer.putInt(CHECKSUM_OFFSET, checksum(footer));
    }

    /** Whether these 512 bytes end a disk of fixed size and of this many bytes. */
    static boolean isFixed(ByteBuffer footer, long sizeBytes) {
        ByteBuffer in = footer.duplicate().order(ByteOrder.BIG_ENDIAN);
        byte[] cookie = new byte[8];
        in.get(0, cookie);
        ByteBuffer unsummed = ByteBuffer.allocate(BYTES).put(0, in, 0, BYTES);
        unsummed.putInt(CHECKSUM_OFFSET, 0);
        return new String(cookie, StandardCharsets.ISO_8859_1).equals("conectix")
                && in.getInt(60) == TYPE_FIXED
                && in.getLong(48) == sizeBytes
                && in.getInt(CHECKSUM_OFFSET) == checksum(unsummed);
    }

    /** Appendix "CHS Calculation": cylinders (16 bits), heads (8), sectors per track (8). */
    static int geometry(long totalSectors) {
        long sectors = Math.min(totalSectors, MAX_CHS_SECTORS);
        int perTrack = 17;
        long cylinderHeads = sectors / perTrack;
        int heads = (int) Math.max(4, (cylinderHeads + 1023) / 1024);
        if (sectors >= 65_535L * 16 * 63) {
            perTrack = 255;
            heads = 16;
            cylinderHeads = sectors / perTrack;
        } else {
            if (cylinderHeads >= heads * 1024L || heads > 16) {
                perTrack = 31;
                heads = 16;
                cylinderHeads = sectors / perTrack;
            }
            if (cylinderHeads >= heads * 1024L) {
                perTrack = 63;
                heads = 16;
                cylinderHeads = sectors / perTrack;
            }
        }
        return (int) (cylinderHeads / heads) << 16 | heads << 8 | perTrack;
    }

    /** The complement of the sum of all bytes, with the checksum's own four as zero. */
    private static int checksum(ByteBuffer footer) {
        int sum = 0;
        for (int i = 0; i < BYTES; i++) {
            sum += Byte.toUnsignedInt(footer.get(i));
        }
        return ~sum;
    }

    private static int seconds(Instant created) {
        long seconds = created.getEpochSecond() - FIRST.getEpochSecond();
        return Math.clamp(seconds, 0, Integer.MAX_VALUE);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
