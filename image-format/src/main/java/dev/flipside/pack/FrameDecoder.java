package dev.flipside.pack;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.flipside.failure.FlipsideException;

/** Decodes frames of a block pack; for one thread at a time. */
public final class FrameDecoder implements AutoCloseable {
    private final ZstdDecompressCtx context = new ZstdDecompressCtx();

    /**
     * Decodes one frame into the beginning of {@code out}, and never beyond its blocks.
     *
     * @param compressed holds the frame from {@code offset} on
     * @param out room for at least {@code blocks} blocks of 4096 bytes
     * @throws FlipsideException {@code pack-malformed} when this is not a frame of exactly so many
     *     blocks
     */
    public void decode(byte[] compressed, int offset, int sizeBytes, int blocks, byte[] out)
            throws FlipsideException {
        if (blocks < 1 || blocks > out.length / BlockPack.BLOCK_SIZE_BYTES) {
            throw new IllegalArgumentException(blocks + " blocks in " + out.length + " bytes");
        }
        int expected = blocks * BlockPack.BLOCK_SIZE_BYTES;
        int decoded;
        try {
            decoded = context.decompressByteArray(out, 0, expected, compressed, offset, sizeBytes);
        } catch (ZstdException e) {
            throw new FlipsideException(
                    BlockPack.malformed(
                                    "frame of blocks.pack",
                                    "a zstd frame of " + expected + " bytes",
                                    String.valueOf(e.getMessage()))
                            .failure(),
                    e);
        }
        if (decoded != expected) {
            throw BlockPack.malformed(
                    "frame of blocks.pack",
                    "a zstd frame of " + expected + " bytes",
                    decoded + " bytes");
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
