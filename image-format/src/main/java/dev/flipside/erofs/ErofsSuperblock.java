package dev.flipside.erofs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What a reader needs of {@code struct erofs_super_block}, checked.
 *
 * @param blocks of 4096 bytes, all of them within the image
 * @param metadataOffsetBytes where nid 0 would stand
 * @param sharedXattrOffsetBytes where shared attribute 0 would stand
 */
public record ErofsSuperblock(
        UUID uuid,
        long rootNid,
        long inodes,
        long buildTimeSeconds,
        int buildTimeNanoseconds,
        long blocks,
        long metadataOffsetBytes,
        long sharedXattrOffsetBytes) {

    static ErofsSuperblock read(RandomAccess image) throws IOException, FlipsideException {
        if (image.sizeBytes() < ErofsFormat.BLOCK_BYTES) {
            throw Malformed.because("image", "at least 4096 bytes", image.sizeBytes() + " bytes");
        }
        ByteBuffer block =
                ByteBuffer.allocate(ErofsFormat.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        image.read(block, 0);
        ByteBuffer at =
                block.slice(ErofsFormat.SUPERBLOCK_OFFSET_BYTES, ErofsFormat.SUPERBLOCK_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        checkFormat(at);
        checkChecksum(block, at);
        return parse(at, image.sizeBytes());
    }

    private static void checkFormat(ByteBuffer at) throws FlipsideException {
        if (at.getInt(0) != ErofsFormat.MAGIC) {
            throw Malformed.because(
                    "superblock", "magic e0f5e1e2", Integer.toHexString(at.getInt(0)));
        }
        if (at.get(12) != ErofsFormat.BLOCK_BITS || at.get(90) != 0) {
            throw Malformed.because(
                    "superblock",
                    "blocks of 2^12 bytes",
                    "2^" + at.get(12) + ", directory blocks 2^" + at.get(90) + " times that");
        }
        if (at.getInt(80) != 0) {
            throw Malformed.because(
                    "superblock",
                    "an uncompressed image without incompatible features",
                    "feature bits " + Integer.toHexString(at.getInt(80)));
        }
    }

    private static void checkChecksum(ByteBuffer block, ByteBuffer at) throws FlipsideException {
        if ((at.getInt(8) & ErofsFormat.COMPAT_SUPERBLOCK_CHECKSUM) == 0) {
            return;
        }
        int stored = at.getInt(4);
        CRC32C crc = new CRC32C();
        block.putInt(ErofsFormat.CHECKSUM_OFFSET_BYTES, 0);
        crc.update(block.slice(1024, ErofsFormat.BLOCK_BYTES - 1024));
        int computed = ~(int) crc.getValue();
        if (stored != computed) {
            throw Malformed.because(
                    "superblock",
                    "checksum " + Integer.toHexString(computed),
                    Integer.toHexString(stored));
        }
    }

    private static ErofsSuperblock parse(ByteBuffer at, long imageBytes) throws FlipsideException {
        long blocks = Integer.toUnsignedLong(at.getInt(36));
        if (blocks == 0 || blocks > imageBytes >> ErofsFormat.BLOCK_BITS) {
            throw Malformed.because(
                    "superblock",
                    "1 to " + (imageBytes >> ErofsFormat.BLOCK_BITS) + " blocks",
                    Long.toString(blocks));
        }
        ByteBuffer uuid = at.slice(48, 16); // a slice is big-endian, as a UUID is
        return new ErofsSuperblock(
                new UUID(uuid.getLong(), uuid.getLong()),
                Short.toUnsignedLong(at.getShort(14)),
                at.getLong(16),
                at.getLong(24),
                at.getInt(32),
                blocks,
                Integer.toUnsignedLong(at.getInt(40)) << ErofsFormat.BLOCK_BITS,
                Integer.toUnsignedLong(at.getInt(44)) << ErofsFormat.BLOCK_BITS);
    }

    long sizeBytes() {
        return blocks << ErofsFormat.BLOCK_BITS;
    }
}
