package dev.flipside.pack;

import static dev.flipside.pack.BlockPack.BLOCKS_PER_FRAME;
import static dev.flipside.pack.BlockPack.BLOCK_SIZE_BYTES;

import com.github.luben.zstd.ZstdCompressCtx;
import dev.flipside.format.OrderedTasks;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Writes {@code blocks.pack} and {@code blocks.index}. Frames are compressed on several cores; the
 * bytes depend on the image, the level and the version of zstd, and on nothing else.
 */
public final class PackWriter {
    private final RandomAccess image;
    private final DistinctBlocks blocks;
    private final int level;
    private final Queue<Worker> idleWorkers = new ConcurrentLinkedQueue<>();

    private PackWriter(RandomAccess image, DistinctBlocks blocks, int level) {
        this.image = image;
        this.blocks = blocks;
        this.level = level;
    }

    /**
     * Writes both files.
     *
     * @param image read by several threads at a time
     * @param level of zstd, from 1 to 22
     * @param progress is told of each run of distinct blocks that has been written
     */
    public static void write(
            RandomAccess image,
            DistinctBlocks blocks,
            int level,
            int threads,
            WritableByteChannel pack,
            WritableByteChannel index,
            LongConsumer progress)
            throws IOException {
        if (level < 1 || level > 22) {
            throw new IllegalArgumentException("level of zstd: " + level);
        }
        PackWriter writer = new PackWriter(image, blocks, level);
        try {
            writer.write(threads, pack, new PackIndexWriter(index, blocks), progress);
        } finally {
            writer.idleWorkers.forEach(Worker::close);
        }
    }

    private void write(
            int threads, WritableByteChannel pack, PackIndexWriter index, LongConsumer progress)
            throws IOException {
        Iterator<OrderedTasks.Task<Frame>> tasks =
                IntStream.iterate(0, from -> from < blocks.count(), from -> from + BLOCKS_PER_FRAME)
                        .<OrderedTasks.Task<Frame>>mapToObj(from -> () -> compress(from))
                        .iterator();
        OrderedTasks.run(
                threads,
                tasks,
                frame -> {
                    index.frame(frame.bytes().remaining(), frame.from(), frame.to());
                    while (frame.bytes().hasRemaining()) {
                        pack.write(frame.bytes());
                    }
                    progress.accept(frame.to() - frame.from());
                });
    }

    /** A compressed frame of the distinct blocks from {@code from} up to, without, {@code to}. */
    private record Frame(int from, int to, ByteBuffer bytes) {}

    private Frame compress(int from) throws IOException {
        Worker idle = idleWorkers.poll();
        Worker worker = idle == null ? new Worker() : idle;
        try {
            return worker.compress(from, Math.min(from + BLOCKS_PER_FRAME, blocks.count()));
        } finally {
            idleWorkers.add(worker);
        }
    }

    /** The buffers and the compressor of one thread. */
    private final class Worker {
        private final byte[] plain = new byte[BLOCKS_PER_FRAME * BLOCK_SIZE_BYTES];
        private final byte[] compressed = new byte[BlockPack.maxFrameBytes(BLOCKS_PER_FRAME)];
        private final ZstdCompressCtx context =
                new ZstdCompressCtx().setLevel(level).setChecksum(false).setContentSize(true);

        Frame compress(int from, int to) throws IOException {
            int id = from;
            while (id < to) {
                int run = 1;
                while (id + run < to && blocks.first(id + run) == blocks.first(id) + run) {
                    run++;
                }
                image.read(
                        ByteBuffer.wrap(
                                plain, (id - from) * BLOCK_SIZE_BYTES, run * BLOCK_SIZE_BYTES),
                        (long) blocks.first(id) * BLOCK_SIZE_BYTES);
                id += run;
            }
            int size =
                    context.compressByteArray(
                            compressed,
                            0,
                            compressed.length,
                            plain,
                            0,
                            (to - from) * BLOCK_SIZE_BYTES);
            return new Frame(from, to, ByteBuffer.allocate(size).put(compressed, 0, size).flip());
        }

        void close() {
            context.close();
        }
    }
}
