package dev.flipside.pack;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;

/**
 * The sizes of the block pack, {@code docs/reference/block-pack.md}: {@code blocks.pack} is zstd
 * frames (RFC 8878), each of up to {@value #MAX_BLOCKS_PER_FRAME} blocks of the image.
 */
public final class BlockPack {
    public static final int BLOCK_SIZE_BYTES = 4096;

    /** What the builder puts into a frame: 256 KiB. */
    public static final int BLOCKS_PER_FRAME = 64;

    /** What a reader accepts in a frame: 4 MiB. */
    public static final int MAX_BLOCKS_PER_FRAME = 1024;

    private BlockPack() {}

    /** The most bytes that a frame of so many blocks may have (zstd's own bound). */
    public static int maxFrameBytes(int blocks) {
        int plain = blocks * BLOCK_SIZE_BYTES;
        return plain + (plain >> 8) + 64;
    }

    static FlipsideException malformed(String what, String expected, String found) {
        return new FlipsideException(
                FailureCode.PACK_MALFORMED,
                what,
                expected,
                found,
                "build and publish the release again");
    }
}
