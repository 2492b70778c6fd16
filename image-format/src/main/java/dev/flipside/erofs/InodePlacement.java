package dev.flipside.erofs;

/**
 * Where one inode and its data stand.
 *
 * @param number {@code i_ino}, from 1 on
 * @param offsetBytes of the inode in the image, a multiple of 32
 * @param shape what it takes
 * @param startBlock the first of its whole blocks, or {@link ErofsFormat#NO_BLOCK}
 */
record InodePlacement(Inode inode, int number, long offsetBytes, Shape shape, int startBlock) {

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

    /** The metadata area starts at block 0, so the nid is the offset in slots. */
    long nid() {
        return offsetBytes / ErofsFormat.SLOT_BYTES;
    }
}
