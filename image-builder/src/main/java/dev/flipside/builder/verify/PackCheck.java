package dev.flipside.builder.verify;

import static dev.flipside.pack.BlockPack.BLOCK_SIZE_BYTES;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.pack.FrameDecoder;
import dev.flipside.pack.PackFrame;
import dev.flipside.pack.PackIndexReader;
import dev.flipside.verity.BlockDigest;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Decodes all of a block pack, and finds each of its blocks in the hash tree at every place that
 * the index gives it. One frame is in memory, and a bit for each block of the image.
 */
final class PackCheck {
    private final RandomAccess pack;
    private final HashTreeReader tree;
    private final BlockDigest digest;
    private final BitSet seen = new BitSet();
    private final LongConsumer progress;
    private byte[] compressed = new byte[0];
    private byte[] plain = new byte[0];

    private PackCheck(
            RandomAccess pack,
            HashTreeReader tree,
            VerityParameters parameters,
            LongConsumer progress) {
        this.pack = pack;
        this.tree = tree;
        this.digest = new BlockDigest(parameters.saltBytes());
        this.progress = progress;
    }

    /**
     * Checks a pack.
     *
     * @param progress is told of each run of blocks
     * @throws FlipsideException {@code pack-malformed} or {@code block-mismatch}
     */
    static String run(
            InputStream index,
            RandomAccess pack,
            RandomAccess tree,
            VerityParameters parameters,
            byte[] rootHash,
            LongConsumer progress)
            throws IOException, FlipsideException {
        PackIndexReader reader =
                new PackIndexReader(index, parameters.dataBlocks(), pack.sizeBytes());
        PackCheck check =
                new PackCheck(
                        pack, new HashTreeReader(tree, parameters, rootHash), parameters, progress);
        int frames = check.all(reader);
        if (check.seen.cardinality() != parameters.dataBlocks()) {
            throw mismatch(
                    "blocks.index",
                    "each of %d places once".formatted(parameters.dataBlocks()),
                    "%d different places".formatted(check.seen.cardinality()));
        }
        return "%d frames with %d distinct blocks".formatted(frames, reader.distinctBlocks());
    }

    private int all(PackIndexReader index) throws IOException, FlipsideException {
        int frames = 0;
        try (FrameDecoder decoder = new FrameDecoder()) {
            for (Optional<PackFrame> next = index.next(); next.isPresent(); next = index.next()) {
                check(next.get(), decoder);
                progress.accept(next.get().blocks());
                frames++;
            }
        }
        return frames;
    }

    private void check(PackFrame frame, FrameDecoder decoder)
            throws IOException, FlipsideException {
        int plainBytes = frame.blocks() * BLOCK_SIZE_BYTES;
        compressed =
                compressed.length < frame.sizeBytes() ? new byte[frame.sizeBytes()] : compressed;
        plain = plain.length < plainBytes ? new byte[plainBytes] : plain;
        pack.read(ByteBuffer.wrap(compressed, 0, frame.sizeBytes()), frame.offsetBytes());
        decoder.decode(compressed, 0, frame.sizeBytes(), frame.blocks(), plain);
        byte[] found = new byte[VerityParameters.DIGEST_SIZE_BYTES];
        for (int block = 0; block < frame.blocks(); block++) {
            digest.digest(plain, block * BLOCK_SIZE_BYTES, found, 0);
            for (int i = 0; i < frame.placesOf(block); i++) {
                int place = frame.place(block, i);
                seen.set(place);
                if (!Arrays.equals(found, tree.digest(place))) {
                    throw mismatch(
                            "blocks.pack, frame at byte " + frame.offsetBytes(),
                            "image block " + place,
                            "another block");
                }
            }
        }
    }

    private static FlipsideException mismatch(String what, String expected, String found) {
        return new FlipsideException(
                FailureCode.PACK_MALFORMED,
                what,
                expected,
                found,
                "build and publish the release again");
    }
}
