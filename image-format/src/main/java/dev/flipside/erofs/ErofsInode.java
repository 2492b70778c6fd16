package dev.flipside.erofs;

import java.time.Instant;

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

    /** The file types, in the order of the numbers that directory entries hold, from 1 on. */
    public enum Type {
        REGULAR_FILE,
        DIRECTORY,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        FIFO,
        SOCKET,
        SYMLINK
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
