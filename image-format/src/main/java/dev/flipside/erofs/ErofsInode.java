package dev.flipside.erofs;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * An inode as it stands in an image, checked: its data lies within the image.
 *
 * @param nid its position: 32-byte slots from the start of the metadata area
 * @param mode {@code st_mode}, file type included
 * @param sizeBytes contents of a regular file, target of a symbolic link, blocks of a directory
 * @param rdevMajor 0 unless it is a device
 * @param rdevMinor 0 unless it is a device
 */
public record ErofsInode(
        long nid,
        Type type,
        int mode,
        long uid,
        long gid,
        Instant changed,
        long linkCount,
        long sizeBytes,
        int rdevMajor,
        int rdevMinor,
        Storage storage) {

    /** A file type, with its {@code S_IFMT} bits and its number in directory entries. */
    public enum Type {
        REGULAR_FILE(0100000, 1),
        DIRECTORY(0040000, 2),
        CHARACTER_DEVICE(0020000, 3),
        BLOCK_DEVICE(0060000, 4),
        FIFO(0010000, 5),
        SOCKET(0140000, 6),
        SYMLINK(0120000, 7);

        private final int modeBits;
        private final int direntNumber;

        Type(int modeBits, int direntNumber) {
            this.modeBits = modeBits;
            this.direntNumber = direntNumber;
        }

        int modeBits() {
            return modeBits;
        }

        int direntNumber() {
            return direntNumber;
        }

        static Optional<Type> ofMode(int mode) {
            return Arrays.stream(values())
                    .filter(type -> type.modeBits == (mode & ErofsFormat.S_IFMT))
                    .findFirst();
        }

        static Optional<Type> ofDirent(int number) {
            return Arrays.stream(values()).filter(type -> type.direntNumber == number).findFirst();
        }
    }

    public int permissions() {
        return mode & InodeAttributes.PERMISSION_BITS;
    }

    /**
     * Where the data stands: whole blocks from {@code startOffsetBytes} on, then {@code tailBytes}
     * at {@code tailOffsetBytes}; extended attributes in {@code xattrBytes} after the inode.
     */
    public record Storage(
            long startOffsetBytes,
            long tailOffsetBytes,
            int tailBytes,
            long xattrOffsetBytes,
            int xattrBytes) {}
}
