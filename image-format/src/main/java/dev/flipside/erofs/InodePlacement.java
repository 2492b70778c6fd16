package dev.flipside.erofs;

/**
 * Where one inode and its data stand.
 *
 * @param offsetBytes of the inode in the image, a multiple of 32
 * @param shape what it takes
 * @param startBlock the first of its whole blocks, or {@link ErofsFormat#NO_BLOCK}
 * @param spareBlocks between what is placed before them and these
 */
record InodePlacement(
        Inode inode, long offsetBytes, Shape shape, int startBlock, long spareBlocks) {

    /**
     * The room that an inode takes: 32 or 64 bytes, then extended attributes, then, when {@code
     * inline}, what its data has beyond whole blocks.
     */
    record Shape(boolean compact, int xattrBytes, long dataBytes, boolean inline) {
        int headBytes() {
            int inodeBytes =
                    compact ? ErofsFormat.COMPACT_INODE_BYTES : ErofsFormat.EXTENDED_INODE_BYTES;
            return inodeBytes + xattrBytes;
        }

        int tailBytes() {
            return inline ? (int) (dataBytes % ErofsFormat.BLOCK_BYTES) : 0;
        }

        int sizeBytes() {
            return headBytes() + tailBytes();
        }

        long blocks() {
            return inline ? dataBytes / ErofsFormat.BLOCK_BYTES : ErofsFormat.blocksFor(dataBytes);
        }
    }

    /** {@code i_ino}, which no kernel needs: it must not move when others come or go. */
    int number() {
        return (int) nid();
    }

    /** The metadata area starts at block 0, so the nid is the offset in slots. */
    long nid() {
        return offsetBytes / ErofsFormat.SLOT_BYTES;
    }
}
