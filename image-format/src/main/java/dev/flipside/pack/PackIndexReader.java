package dev.flipside.pack;

import dev.flipside.failure.FlipsideException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads {@code blocks.index} once, from its beginning to its end ({@code
 * docs/reference/block-pack.md}).
 *
 * <p>Invariant: one frame is in memory at a time, of which each place took at least a byte of the
 * index. An index is not trusted: what it says can cost bytes, as each block is checked against the
 * hash tree, and what it cannot say truly is {@code pack-malformed}.
 */
public final class PackIndexReader {
    private static final String WHAT = "blocks.index";
    private static final int MAX_VARINT_BYTES = 5;

    private final InputStream in;
    private final long imageBlocks;
    private final long packBytes;
    private final long distinctBlocks;

    private long distinctSeen;
    private long placesSeen;
    private long packBytesSeen;
    private long previousFirst = -1;

    /**
     * Reads the header.
     *
     * @param imageBlocks the number of image blocks by the release manifest
     * @param packBytes the size of {@code blocks.pack} by the release manifest
     * @throws FlipsideException {@code pack-malformed}
     */
    public PackIndexReader(InputStream index, long imageBlocks, long packBytes)
            throws IOException, FlipsideException {
        this.in = new BufferedInputStream(index);
        this.imageBlocks = imageBlocks;
        this.packBytes = packBytes;
        byte[] bytes = in.readNBytes(PackIndexWriter.HEADER_SIZE_BYTES);
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        byte[] signature = PackIndexWriter.SIGNATURE;
        require(
                bytes.length == PackIndexWriter.HEADER_SIZE_BYTES
                        && Arrays.equals(bytes, 0, signature.length, signature, 0, signature.length)
                        && header.getInt(8) == PackIndexWriter.VERSION
                        && header.getInt(12) == BlockPack.BLOCK_SIZE_BYTES,
                "a header of version 1 for blocks of 4096 bytes",
                "another");
        require(
                header.getLong(16) == imageBlocks && imageBlocks <= Integer.MAX_VALUE,
                imageBlocks + " image blocks, and fewer than 2^31",
                Long.toUnsignedString(header.getLong(16)));
        distinctBlocks = header.getLong(24);
        require(
                distinctBlocks >= 1 && distinctBlocks <= imageBlocks,
                "1 to " + imageBlocks + " distinct blocks",
                Long.toUnsignedString(distinctBlocks));
    }

    /** The number of blocks in the pack. */
    public long distinctBlocks() {
        return distinctBlocks;
    }

    /**
     * The next frame, or empty behind the last.
     *
     * @throws FlipsideException {@code pack-malformed}
     */
    public Optional<PackFrame> next() throws IOException, FlipsideException {
        if (distinctSeen == distinctBlocks) {
            requireEnd();
            return Optional.empty();
        }
        long sizeBytes = varint();
        long blocks = varint();
        require(
                blocks >= 1
                        && blocks <= BlockPack.MAX_BLOCKS_PER_FRAME
                        && blocks <= distinctBlocks - distinctSeen,
                "a frame of 1 to " + BlockPack.MAX_BLOCKS_PER_FRAME + " blocks",
                Long.toString(blocks));
        require(
                sizeBytes >= 1
                        && sizeBytes <= BlockPack.maxFrameBytes((int) blocks)
                        && sizeBytes <= packBytes - packBytesSeen,
                "a frame of a size that " + blocks + " blocks and the pack can have",
                sizeBytes + " bytes");
        PackFrame frame = new PackFrame(packBytesSeen, (int) sizeBytes, (int) blocks);
        for (int block = 0; block < blocks; block++) {
            readPlaces(frame);
        }
        packBytesSeen += sizeBytes;
        distinctSeen += blocks;
        return Optional.of(frame);
    }

    private void readPlaces(PackFrame frame) throws IOException, FlipsideException {
        long head = varint();
        long place = add(frame, previousFirst + 1 + (head >> 1));
        previousFirst = place;
        long more = (head & 1) == 0 ? 0 : varint() + 1;
        for (long i = 0; i < more; i++) {
            place = add(frame, place + 1 + varint());
        }
        frame.endBlock();
    }

    private long add(PackFrame frame, long place) throws FlipsideException {
        require(
                place < imageBlocks && placesSeen < imageBlocks,
                imageBlocks + " places, each in the image",
                "place " + place + " after " + placesSeen + " others");
        placesSeen++;
        frame.addPlace((int) place);
        return place;
    }

    private void requireEnd() throws IOException, FlipsideException {
        require(placesSeen == imageBlocks, imageBlocks + " places", Long.toString(placesSeen));
        require(
                packBytesSeen == packBytes,
                "frames of " + packBytes + " bytes in all",
                Long.toString(packBytesSeen));
        require(in.read() < 0, "the end behind the last frame", "more bytes");
    }

    private long varint() throws IOException, FlipsideException {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES; i++) {
            int next = in.read();
            require(next >= 0, "whole frames", "an end within one");
            value |= (next & 0x7fL) << (7 * i);
            if (next < 0x80) {
                require(next != 0 || i == 0, "numbers in their shortest form", "a longer one");
                return value;
            }
        }
        throw BlockPack.malformed(WHAT, "numbers of at most 5 bytes", "a longer one");
    }

    private static void require(boolean condition, String expected, String found)
            throws FlipsideException {
        if (!condition) {
            throw BlockPack.malformed(WHAT, expected, found);
        }
    }
}
