package dev.flipside.verity;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Checks a hash tree while it arrives, from its first byte on: the superblock against the
 * parameters, then each block against the level above it. Only checked tree blocks are passed on,
 * and the superblock never is, as whoever writes a tree writes that last.
 *
 * <p>Invariant: in memory are the level that is being checked, unless it is the lowest, and the one
 * above it; that is about a quarter of a byte per data block.
 */
public final class HashTreeVerifier {
    private final VerityParameters parameters;
    private final TreeGeometry geometry;
    private final BlockDigest digest;
    private final TreeSink sink;
    private final ByteBuffer block = ByteBuffer.allocate(BLOCK_SIZE_BYTES);
    private final byte[] scratch = new byte[DIGEST_SIZE_BYTES];

    private long offsetBytes;
    private int level;
    private long blockOnLevel;
    private byte[] expected;
    private byte[] below;

    public HashTreeVerifier(VerityParameters parameters, byte[] rootHash, TreeSink sink) {
        if (rootHash.length != DIGEST_SIZE_BYTES) {
            throw new IllegalArgumentException("root hash of " + rootHash.length + " bytes");
        }
        this.parameters = parameters;
        this.geometry = parameters.geometry();
        this.digest = new BlockDigest(parameters.saltBytes());
        this.sink = sink;
        this.level = geometry.levels();
        this.expected = new byte[0];
        this.below = rootHash.clone();
    }

    /**
     * Takes the next bytes of the file, however they are cut.
     *
     * @throws FlipsideException {@code verity-malformed} for the superblock and for bytes behind
     *     the end, {@code block-mismatch} for a block of the tree
     */
    public void accept(ByteBuffer piece) throws IOException, FlipsideException {
        while (piece.hasRemaining()) {
            if (offsetBytes == geometry.fileSizeBytes()) {
                throw malformed(piece.remaining() + " bytes more");
            }
            int take = Math.min(piece.remaining(), block.remaining());
            block.put(piece.slice(piece.position(), take));
            piece.position(piece.position() + take);
            if (!block.hasRemaining()) {
                check(block.array());
                offsetBytes += BLOCK_SIZE_BYTES;
                block.clear();
            }
        }
    }

    /**
     * Requires that the tree has come to its end.
     *
     * @throws FlipsideException {@code verity-malformed}
     */
    public void finish() throws FlipsideException {
        if (offsetBytes != geometry.fileSizeBytes()) {
            throw malformed(offsetBytes + block.position() + " bytes");
        }
    }

    private void check(byte[] bytes) throws IOException, FlipsideException {
        if (offsetBytes == 0) {
            if (!VeritySuperblock.decode(bytes).equals(parameters)) {
                throw new FlipsideException(
                        FailureCode.VERITY_MALFORMED,
                        "verity superblock",
                        "the parameters of the release manifest",
                        "others",
                        "build and publish the release again");
            }
            descend();
            return;
        }
        digest.digest(bytes, 0, scratch, 0);
        int at = (int) (blockOnLevel * DIGEST_SIZE_BYTES);
        if (!Arrays.equals(expected, at, at + DIGEST_SIZE_BYTES, scratch, 0, DIGEST_SIZE_BYTES)) {
            throw new FlipsideException(
                    FailureCode.BLOCK_MISMATCH,
                    "hash tree level " + level + ", block " + blockOnLevel,
                    "the digest that leads to the root hash",
                    "another",
                    "fetch the hash tree again");
        }
        if (level > 0) {
            System.arraycopy(
                    bytes, 0, below, (int) (blockOnLevel * BLOCK_SIZE_BYTES), BLOCK_SIZE_BYTES);
        }
        sink.write(ByteBuffer.wrap(bytes), offsetBytes);
        blockOnLevel++;
        if (blockOnLevel == geometry.blocksOnLevel(level)) {
            descend();
        }
    }

    /** Goes on to the level below, whose digests have all been collected. */
    private void descend() {
        expected = below;
        blockOnLevel = 0;
        level--;
        below =
                level > 0
                        ? new byte[(int) (geometry.blocksOnLevel(level) * BLOCK_SIZE_BYTES)]
                        : expected;
    }

    private FlipsideException malformed(String found) {
        return new FlipsideException(
                FailureCode.VERITY_MALFORMED,
                "hash tree",
                geometry.fileSizeBytes() + " bytes",
                found,
                "fetch the hash tree again");
    }
}
