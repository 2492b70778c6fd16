package dev.flipside.builder.diff;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.failure.FlipsideException;
import dev.flipside.pack.BlockLookup;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.TreeGeometry;
import java.io.IOException;
import java.util.Arrays;

/** The blocks of the booted slot's image, or of its hash tree, by their digests. */
final class HeldBlocks {
    /** Enough for 17 GiB; a host, which looks in rounds, finds all that a larger image has. */
    private static final int LOOKUP_BYTES = 32 << 20;

    private final Digests digests;
    private final BlockLookup lookup;
    private final byte[] found = new byte[DIGEST_SIZE_BYTES];

    /** Puts the digest of a block into {@code out}. */
    @FunctionalInterface
    private interface Digests {
        void read(int block, byte[] out) throws IOException, FlipsideException;
    }

    private HeldBlocks(Digests digests, int blocks) {
        this.digests = digests;
        this.lookup = new BlockLookup(blocks, LOOKUP_BYTES);
    }

    /** The blocks of an image. */
    static HeldBlocks ofImage(HashTreeReader tree, TreeGeometry geometry)
            throws IOException, FlipsideException {
        int blocks = Math.toIntExact(geometry.dataBlocks());
        HeldBlocks held = new HeldBlocks((block, out) -> tree.digest(block, out, 0), blocks);
        held.fill(0, blocks);
        return held;
    }

    /** The blocks of a hash tree below its top, at their numbers in its file. */
    static HeldBlocks ofTree(HashTreeReader tree, TreeGeometry geometry)
            throws IOException, FlipsideException {
        int blocks = Math.toIntExact(geometry.fileSizeBytes() / BLOCK_SIZE_BYTES);
        HeldBlocks held =
                new HeldBlocks(
                        (block, out) -> {
                            int level = geometry.levelOfBlock(block);
                            long first = geometry.levelOffsetBytes(level) / BLOCK_SIZE_BYTES;
                            tree.treeDigest(level, block - first, out);
                        },
                        blocks);
        held.fill(TreeGeometry.TOP_BLOCK + 1, blocks);
        return held;
    }

    private void fill(int first, int end) throws IOException, FlipsideException {
        byte[] digest = new byte[DIGEST_SIZE_BYTES];
        for (int block = first; block < end; block++) {
            digests.read(block, digest);
            lookup.add(digest, 0, block, other -> isAt(other, digest));
        }
    }

    boolean has(byte[] digest) {
        return lookup.find(digest, block -> isAt(block, digest)) >= 0;
    }

    private boolean isAt(int block, byte[] digest) {
        try {
            digests.read(block, found);
        } catch (IOException | FlipsideException e) {
            // All of the tree was read and checked when the lookup was filled.
            throw new IllegalStateException(e);
        }
        return Arrays.equals(found, digest);
    }
}
