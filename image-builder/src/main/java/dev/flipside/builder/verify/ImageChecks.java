package dev.flipside.builder.verify;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.erofs.ErofsInode;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.verity.HashTree;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** What is checked of an image and its hash tree, in a release as on a disk. */
final class ImageChecks {
    private static final int MAX_THREADS = 4;

    private ImageChecks() {}

    /**
     * Hashes all of the image, and compares each block of the tree that comes of it.
     *
     * @param data read by several threads at a time
     * @throws FlipsideException {@code block-mismatch} when data or tree are another's, {@code
     *     verity-malformed} when they agree and are not those of the root hash
     */
    static String tree(
            RandomAccess data,
            RandomAccess tree,
            VerityParameters parameters,
            byte[] rootHash,
            LongConsumer progress)
            throws IOException, FlipsideException {
        Comparison comparison = new Comparison(tree, parameters);
        byte[] found = HashTree.build(data, parameters, threads(), comparison::compare, progress);
        comparison.requireSame();
        if (!Arrays.equals(found, rootHash)) {
            throw new FlipsideException(
                    FailureCode.VERITY_MALFORMED,
                    "hash tree",
                    "root hash " + HexFormat.of().formatHex(rootHash),
                    HexFormat.of().formatHex(found),
                    "build or fetch the release again");
        }
        return "%d blocks lead to %s"
                .formatted(parameters.dataBlocks(), HexFormat.of().formatHex(rootHash));
    }

    /** Goes through all names, inodes, attributes and extents of an image. */
    static String erofs(RandomAccess image) throws IOException, FlipsideException {
        ErofsReader reader = ErofsReader.open(image);
        long[] names = new long[1];
        reader.walk(
                (path, inode) -> {
                    names[0]++;
                    reader.xattrs(inode);
                    if (inode.type() == ErofsInode.Type.SYMLINK) {
                        reader.symlinkTarget(inode);
                    }
                });
        return "%d names, %d inodes".formatted(names[0], reader.superblock().inodes());
    }

    private static int threads() {
        return Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
    }

    /** Compares what the data make with what stands there. */
    private static final class Comparison {
        private final RandomAccess tree;
        private final VerityParameters parameters;
        private final long leaves;
        private byte[] expected = new byte[0];
        private long firstBlock = -1;
        private long blocks;
        private long firstTreeByte = -1;

        Comparison(RandomAccess tree, VerityParameters parameters) {
            this.tree = tree;
            this.parameters = parameters;
            this.leaves = parameters.geometry().levelOffsetBytes(0);
        }

        void compare(ByteBuffer made, long offsetBytes) throws IOException {
            int length = made.remaining();
            if (expected.length < length) {
                expected = new byte[length];
            }
            ByteBuffer there = ByteBuffer.wrap(expected, 0, length);
            tree.read(there, offsetBytes);
            int at = made.mismatch(there.flip());
            while (at >= 0) {
                note(offsetBytes + at);
                // On to the next digest, as all bytes of a wrong one are wrong.
                at += DIGEST_SIZE_BYTES - at % DIGEST_SIZE_BYTES;
                int next =
                        made.slice(made.position() + at, length - at)
                                .mismatch(ByteBuffer.wrap(expected, at, length - at));
                at = next < 0 ? -1 : at + next;
            }
        }

        private void note(long offsetBytes) {
            long block = (offsetBytes - leaves) / DIGEST_SIZE_BYTES;
            if (offsetBytes >= leaves && block < parameters.dataBlocks()) {
                firstBlock = firstBlock < 0 ? block : firstBlock;
                blocks++;
            } else if (firstTreeByte < 0) {
                firstTreeByte = offsetBytes;
            }
        }

        void requireSame() throws FlipsideException {
            if (firstBlock >= 0) {
                throw new FlipsideException(
                        FailureCode.BLOCK_MISMATCH,
                        "data block %d (byte %d)"
                                .formatted(firstBlock, firstBlock * BLOCK_SIZE_BYTES),
                        "the digest that the hash tree has",
                        blocks == 1 ? "another" : "another, as %d blocks have".formatted(blocks),
                        "build or fetch the release again");
            }
            if (firstTreeByte >= 0) {
                throw new FlipsideException(
                        FailureCode.VERITY_MALFORMED,
                        "hash tree at byte " + firstTreeByte,
                        "what the data make",
                        "other bytes",
                        "build or fetch the release again");
            }
        }
    }
}
