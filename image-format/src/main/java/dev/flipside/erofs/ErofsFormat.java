package dev.flipside.erofs;

/**
 * The numbers of the on-disk format, from the kernel's {@code Documentation/filesystems/erofs.rst}
 * and {@code fs/erofs/erofs_fs.h}. All integers are little-endian.
 */
final class ErofsFormat {
    static final int BLOCK_BITS = 12;
    static final int BLOCK_BYTES = 1 << BLOCK_BITS;
    static final int MAGIC = 0xE0F5E1E2;

    static final int SUPERBLOCK_OFFSET_BYTES = 1024;
    static final int SUPERBLOCK_BYTES = 128;
    static final int CHECKSUM_OFFSET_BYTES = SUPERBLOCK_OFFSET_BYTES + 4;

    static final int COMPAT_SUPERBLOCK_CHECKSUM = 1;
    static final int COMPAT_MTIME = 2;

    /** Inodes stand at multiples of this; a nid counts such slots from the metadata's start. */
    static final int SLOT_BYTES = 32;

    static final int COMPACT_INODE_BYTES = 32;
    static final int EXTENDED_INODE_BYTES = 64;
    static final int FORMAT_EXTENDED = 1;
    static final int FORMAT_KNOWN_BITS = 0x1f;
    static final int FORMAT_NEWER_BIT = 0x10;
    static final int LAYOUT_FLAT_PLAIN = 0;
    static final int LAYOUT_FLAT_INLINE = 2;

    /** The start block of an inode without blocks, as mkfs.erofs writes it. */
    static final int NO_BLOCK = -1;

    static final int XATTR_HEADER_BYTES = 12;
    static final int XATTR_ENTRY_BYTES = 4;
    static final int DIRENT_BYTES = 12;

    static final int S_IFMT = 0170000;

    private ErofsFormat() {}

    static long roundUp(long value, int powerOfTwo) {
        return (value + powerOfTwo - 1) & -powerOfTwo;
    }

    static long blocksFor(long sizeBytes) {
        return (sizeBytes + BLOCK_BYTES - 1) >>> BLOCK_BITS;
    }

    static ErofsInode.Type typeOf(InodeKind kind) {
        return switch (kind) {
            case InodeKind.RegularFile _ -> ErofsInode.Type.REGULAR_FILE;
            case InodeKind.Directory _ -> ErofsInode.Type.DIRECTORY;
            case InodeKind.CharacterDevice _ -> ErofsInode.Type.CHARACTER_DEVICE;
            case InodeKind.BlockDevice _ -> ErofsInode.Type.BLOCK_DEVICE;
            case InodeKind.Fifo _ -> ErofsInode.Type.FIFO;
            case InodeKind.Socket _ -> ErofsInode.Type.SOCKET;
            case InodeKind.Symlink _ -> ErofsInode.Type.SYMLINK;
        };
    }
}
