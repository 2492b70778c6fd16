package dev.flipside.erofs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.DateTimeException;
import java.time.Instant;

/** Reads compact and extended inodes, and checks that all they point to lies in the image. */
final class InodeParser {
    private static final int NANOSECONDS_PER_SECOND = 1_000_000_000;

    private final RandomAccess image;
    private final ErofsSuperblock superblock;

    InodeParser(RandomAccess image, ErofsSuperblock superblock) {
        this.image = image;
        this.superblock = superblock;
    }

    ErofsInode parse(long nid) throws IOException, FlipsideException {
        long offset = offsetOf(nid);
        int room = (int) Math.min(superblock.sizeBytes() - offset, 64);
        ByteBuffer at = ByteBuffer.allocate(room).order(ByteOrder.LITTLE_ENDIAN);
        image.read(at, offset);
        int format = Short.toUnsignedInt(at.getShort(0));
        boolean extended = (format & ErofsFormat.FORMAT_EXTENDED) != 0;
        if ((format & ~ErofsFormat.FORMAT_KNOWN_BITS) != 0
                || (format & ErofsFormat.FORMAT_NEWER_BIT) != 0) {
            throw Malformed.because(
                    "inode " + nid, "a format without newer features", "format " + format);
        }
        if (extended && room < ErofsFormat.EXTENDED_INODE_BYTES) {
            throw Malformed.because("inode " + nid, "64 bytes", "the end of the image");
        }
        int mode = Short.toUnsignedInt(at.getShort(4));
        ErofsInode.Type type =
                ErofsInode.Type.ofMode(mode)
                        .orElseThrow(
                                () ->
                                        Malformed.because(
                                                "inode " + nid,
                                                "a file type",
                                                "mode " + Integer.toOctalString(mode)));
        int xattrBytes = XattrBody.sizeOfCount(Short.toUnsignedInt(at.getShort(2)));
        long sizeBytes = extended ? at.getLong(8) : Integer.toUnsignedLong(at.getInt(8));
        int inodeBytes =
                extended ? ErofsFormat.EXTENDED_INODE_BYTES : ErofsFormat.COMPACT_INODE_BYTES;
        ErofsInode.Storage storage =
                storage(
                        nid,
                        format >> 1,
                        offset + inodeBytes,
                        xattrBytes,
                        isData(type) ? sizeBytes : 0,
                        Integer.toUnsignedLong(at.getInt(16)));
        return extended
                ? extended(nid, type, mode, at, storage)
                : compact(nid, type, mode, at, storage);
    }

    private ErofsInode extended(
            long nid, ErofsInode.Type type, int mode, ByteBuffer at, ErofsInode.Storage storage)
            throws FlipsideException {
        return new ErofsInode(
                nid,
                type,
                mode,
                Integer.toUnsignedLong(at.getInt(24)),
                Integer.toUnsignedLong(at.getInt(28)),
                instant(nid, at.getLong(32), at.getInt(40)),
                Integer.toUnsignedLong(at.getInt(44)),
                at.getLong(8),
                major(type, at),
                minor(type, at),
                storage);
    }

    private ErofsInode compact(
            long nid, ErofsInode.Type type, int mode, ByteBuffer at, ErofsInode.Storage storage)
            throws FlipsideException {
        long seconds = superblock.buildTimeSeconds() + Integer.toUnsignedLong(at.getInt(12));
        return new ErofsInode(
                nid,
                type,
                mode,
                Short.toUnsignedLong(at.getShort(24)),
                Short.toUnsignedLong(at.getShort(26)),
                instant(nid, seconds, superblock.buildTimeNanoseconds()),
                Short.toUnsignedLong(at.getShort(6)),
                Integer.toUnsignedLong(at.getInt(8)),
                major(type, at),
                minor(type, at),
                storage);
    }

    private long offsetOf(long nid) throws FlipsideException {
        long slots =
                (superblock.sizeBytes() - superblock.metadataOffsetBytes())
                        / ErofsFormat.SLOT_BYTES;
        if (nid < 0 || nid >= slots) {
            throw Malformed.because(
                    "inode " + Long.toUnsignedString(nid),
                    "a number below " + slots,
                    "one beyond the image");
        }
        return superblock.metadataOffsetBytes() + nid * ErofsFormat.SLOT_BYTES;
    }

    private ErofsInode.Storage storage(
            long nid,
            int dataLayout,
            long xattrOffset,
            int xattrBytes,
            long sizeBytes,
            long startBlock)
            throws FlipsideException {
        long end = superblock.sizeBytes();
        boolean inline = dataLayout == ErofsFormat.LAYOUT_FLAT_INLINE;
        if (!inline && dataLayout != ErofsFormat.LAYOUT_FLAT_PLAIN) {
            throw Malformed.because(
                    "inode " + nid, "uncompressed data (layout 0 or 2)", "layout " + dataLayout);
        }
        if (sizeBytes < 0 || sizeBytes > end || xattrOffset + xattrBytes > end) {
            throw Malformed.because("inode " + nid, "data within the image", "data beyond it");
        }
        int tailBytes = inline ? (int) (sizeBytes % ErofsFormat.BLOCK_BYTES) : 0;
        long tailOffset = xattrOffset + xattrBytes;
        if (tailOffset % ErofsFormat.BLOCK_BYTES + tailBytes > ErofsFormat.BLOCK_BYTES) {
            throw Malformed.because("inode " + nid, "inline data in one block", "data across two");
        }
        long start = startBlock << ErofsFormat.BLOCK_BITS;
        boolean hasBlocks = sizeBytes > tailBytes;
        if (tailOffset + tailBytes > end || (hasBlocks && start > end - (sizeBytes - tailBytes))) {
            throw Malformed.because("inode " + nid, "data within the image", "data beyond it");
        }
        return new ErofsInode.Storage(
                hasBlocks ? start : 0, tailOffset, tailBytes, xattrOffset, xattrBytes);
    }

    private static boolean isData(ErofsInode.Type type) {
        return switch (type) {
            case REGULAR_FILE, DIRECTORY, SYMLINK -> true;
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO, SOCKET -> false;
        };
    }

    private static int major(ErofsInode.Type type, ByteBuffer at) {
        return isDevice(type) ? (at.getInt(16) & 0xfff00) >>> 8 : 0;
    }

    private static int minor(ErofsInode.Type type, ByteBuffer at) {
        int device = at.getInt(16);
        return isDevice(type) ? (device & 0xff) | (device >>> 12 & 0xfff00) : 0;
    }

    private static boolean isDevice(ErofsInode.Type type) {
        return type == ErofsInode.Type.CHARACTER_DEVICE || type == ErofsInode.Type.BLOCK_DEVICE;
    }

    private static Instant instant(long nid, long seconds, int nanoseconds)
            throws FlipsideException {
        if (nanoseconds < 0 || nanoseconds >= NANOSECONDS_PER_SECOND) {
            throw Malformed.because(
                    "inode " + nid, "0 to 999999999 nanoseconds", Integer.toString(nanoseconds));
        }
        try {
            return Instant.ofEpochSecond(seconds, nanoseconds);
        } catch (DateTimeException e) {
            throw Malformed.because("inode " + nid, "a time", seconds + " seconds");
        }
    }
}
