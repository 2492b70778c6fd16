package dev.flipside.verity;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGESTS_PER_BLOCK;

/**
 * Where the blocks of a hash tree stand: the superblock first, then the levels from the top down
 * (dm-verity, Documentation/admin-guide/device-mapper/verity.rst, "Hash Tree"). Level 0 holds the
 * digests of the data blocks. One data block has no level at all: its digest is the root hash.
 *
 * @param dataBlocks from 1 to {@link VerityParameters#MAX_DATA_BLOCKS}
 */
public record TreeGeometry(long dataBlocks) {
    /** The block of the file that the top level is, behind the superblock. */
    public static final int TOP_BLOCK = 1;

    public TreeGeometry {
        if (dataBlocks < 1 || dataBlocks > VerityParameters.MAX_DATA_BLOCKS) {
            throw new IllegalArgumentException("number of data blocks: " + dataBlocks);
        }
    }

    /** From 0 for one data block to 5 for 2³². */
    public int levels() {
        int levels = 0;
        for (long blocks = dataBlocks; blocks > 1; blocks = parents(blocks)) {
            levels++;
        }
        return levels;
    }

    /** The number of hash blocks on a level. */
    public long blocksOnLevel(int level) {
        if (level < 0 || level >= levels()) {
            throw new IllegalArgumentException("level " + level + " of " + levels());
        }
        long blocks = dataBlocks;
        for (int i = 0; i <= level; i++) {
            blocks = parents(blocks);
        }
        return blocks;
    }

    /** Where a level begins in the file or partition, behind the superblock and higher levels. */
    public long levelOffsetBytes(int level) {
        long blocks = 1;
        for (int above = levels() - 1; above > level; above--) {
            blocks += blocksOnLevel(above);
        }
        return blocks * BLOCK_SIZE_BYTES;
    }

    /** The size of the whole: superblock and all levels. */
    public long fileSizeBytes() {
        return levelOffsetBytes(-1);
    }

    /**
     * The level of a hash block.
     *
     * @param block counted in the file or partition, so from 1 on, as 0 is the superblock
     */
    public int levelOfBlock(long block) {
        long offsetBytes = block * BLOCK_SIZE_BYTES;
        if (block < TOP_BLOCK || offsetBytes >= fileSizeBytes()) {
            throw new IllegalArgumentException("hash block " + block);
        }
        int level = 0;
        while (offsetBytes < levelOffsetBytes(level)) {
            level++;
        }
        return level;
    }

    /** Where the digest of a hash block stands that is not the top one: a level above it. */
    public long digestOffsetBytes(long block) {
        if (block == TOP_BLOCK) {
            throw new IllegalArgumentException("the digest of the top block is the root hash");
        }
        int level = levelOfBlock(block);
        long onLevel = block - levelOffsetBytes(level) / BLOCK_SIZE_BYTES;
        return levelOffsetBytes(level + 1) + onLevel * VerityParameters.DIGEST_SIZE_BYTES;
    }

    private static long parents(long blocks) {
        return (blocks + DIGESTS_PER_BLOCK - 1) / DIGESTS_PER_BLOCK;
    }
}
