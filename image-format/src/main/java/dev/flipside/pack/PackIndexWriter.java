package dev.flipside.pack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/** Writes {@code blocks.index}, frame by frame in the order of the pack. */
final class PackIndexWriter {
    static final byte[] SIGNATURE = "FLIPIDX\0".getBytes(StandardCharsets.US_ASCII);
    static final int VERSION = 1;
    static final int HEADER_SIZE_BYTES = 32;

    private final WritableByteChannel out;
    private final DistinctBlocks blocks;
    private long previousFirst = -1;

    PackIndexWriter(WritableByteChannel out, DistinctBlocks blocks) throws IOException {
        this.out = out;
        this.blocks = blocks;
        ByteBuffer header = ByteBuffer.allocate(HEADER_SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.put(SIGNATURE).putInt(VERSION).putInt(BlockPack.BLOCK_SIZE_BYTES);
        header.putLong(blocks.imageBlocks()).putLong(blocks.count());
        write(header.array());
    }

    /**
     * Adds the frame that holds the distinct blocks from {@code from} up to, without, {@code to}.
     */
    void frame(int compressedBytes, int from, int to) throws IOException {
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        varint(record, compressedBytes);
        varint(record, to - from);
        for (int id = from; id < to; id++) {
            int first = blocks.first(id);
            int more = 0;
            for (int at = blocks.next(first); at >= 0; at = blocks.next(at)) {
                more++;
            }
            varint(record, (first - previousFirst - 1) << 1 | (more > 0 ? 1 : 0));
            previousFirst = first;
            if (more > 0) {
                others(record, first, more);
            }
        }
        write(record.toByteArray());
    }

    private void others(ByteArrayOutputStream record, int first, int more) {
        varint(record, more - 1L);
        int previous = first;
        for (int at = blocks.next(first); at >= 0; at = blocks.next(at)) {
            varint(record, at - previous - 1L);
            previous = at;
        }
    }

    /** Seven bits to the byte, the lowest first, the top bit set on all but the last. */
    private static void varint(ByteArrayOutputStream record, long value) {
        long rest = value;
        while (rest > 0x7f) {
            record.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        record.write((int) rest);
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
    }
}
