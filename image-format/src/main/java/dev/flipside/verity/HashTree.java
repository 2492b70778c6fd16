package dev.flipside.verity;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGESTS_PER_BLOCK;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.format.OrderedTasks;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * Makes the hash tree of an image, on several cores and in one pass over the data.
 *
 * <p>Invariant: each thread holds one buffer of data, and each level above the leaves one block;
 * memory does not grow with the image. The bytes do not depend on the number of threads.
 */
public final class HashTree {
    /** Data blocks of one task: 4 MiB, which make 8 whole leaf blocks. */
    private static final int BLOCKS_PER_TASK = 8 * DIGESTS_PER_BLOCK;

    private final RandomAccess data;
    private final VerityParameters parameters;
    private final TreeSink sink;
    private final Queue<Worker> idleWorkers = new ConcurrentLinkedQueue<>();

    private HashTree(RandomAccess data, VerityParameters parameters, TreeSink sink) {
        this.data = data;
        this.parameters = parameters;
        this.sink = sink;
    }

    /**
     * Hashes the first {@code parameters.dataBlocks()} blocks of {@code data} and gives all blocks
     * of the tree, but not the superblock, to {@code sink}.
     *
     * @param data read by several threads at a time
     * @param progress is told of each run of data blocks that has been hashed, on this thread
     * @return the root hash, 32 bytes
     */
    public static byte[] build(
            RandomAccess data,
            VerityParameters parameters,
            int threads,
            TreeSink sink,
            LongConsumer progress)
            throws IOException {
        if (data.sizeBytes() / BLOCK_SIZE_BYTES < parameters.dataBlocks()) {
            throw new IllegalArgumentException(
                    data.sizeBytes() + " bytes for " + parameters.dataBlocks() + " blocks");
        }
        return new HashTree(data, parameters, sink).build(threads, progress);
    }

    private byte[] build(int threads, LongConsumer progress) throws IOException {
        if (parameters.dataBlocks() == 1) {
            byte[] block = new byte[BLOCK_SIZE_BYTES];
            data.read(ByteBuffer.wrap(block), 0);
            progress.accept(1);
            return new BlockDigest(parameters.saltBytes()).digest(block);
        }
        TreeGeometry geometry = parameters.geometry();
        UpperLevels upper = new UpperLevels(parameters, sink);
        long leafOffset = geometry.levelOffsetBytes(0);
        Iterator<OrderedTasks.Task<LeafRun>> tasks =
                LongStream.iterate(
                                0,
                                first -> first < parameters.dataBlocks(),
                                first -> first + BLOCKS_PER_TASK)
                        .<OrderedTasks.Task<LeafRun>>mapToObj(first -> () -> hash(first))
                        .iterator();
        OrderedTasks.run(
                threads,
                tasks,
                run -> {
                    sink.write(
                            ByteBuffer.wrap(run.leaves),
                            leafOffset + run.firstDataBlock * DIGEST_SIZE_BYTES);
                    upper.addLeaves(run.digests);
                    progress.accept(run.dataBlocks);
                });
        return upper.finish();
    }

    private LeafRun hash(long firstBlock) throws IOException {
        Worker idle = idleWorkers.poll();
        Worker worker = idle == null ? new Worker() : idle;
        try {
            return worker.hash(firstBlock);
        } finally {
            idleWorkers.add(worker);
        }
    }

    /** Consecutive whole leaf blocks, zero-filled at the end, and their own digests. */
    private static final class LeafRun {
        private final long firstDataBlock;
        private final int dataBlocks;
        private final byte[] leaves;
        private final byte[] digests;

        LeafRun(long firstDataBlock, int dataBlocks) {
            int leafCount = (dataBlocks + DIGESTS_PER_BLOCK - 1) / DIGESTS_PER_BLOCK;
            this.firstDataBlock = firstDataBlock;
            this.dataBlocks = dataBlocks;
            this.leaves = new byte[leafCount * BLOCK_SIZE_BYTES];
            this.digests = new byte[leafCount * DIGEST_SIZE_BYTES];
        }

        int leafCount() {
            return leaves.length / BLOCK_SIZE_BYTES;
        }
    }

    /** The buffer and the digest of one thread. */
    private final class Worker {
        private final byte[] blocks = new byte[DIGESTS_PER_BLOCK * BLOCK_SIZE_BYTES];
        private final BlockDigest digest = new BlockDigest(parameters.saltBytes());

        LeafRun hash(long firstBlock) throws IOException {
            long left = parameters.dataBlocks() - firstBlock;
            LeafRun run = new LeafRun(firstBlock, (int) Math.min(BLOCKS_PER_TASK, left));
            for (int leaf = 0; leaf < run.leafCount(); leaf++) {
                int before = leaf * DIGESTS_PER_BLOCK;
                int blocksUnder = Math.min(DIGESTS_PER_BLOCK, run.dataBlocks - before);
                data.read(
                        ByteBuffer.wrap(blocks, 0, blocksUnder * BLOCK_SIZE_BYTES),
                        (firstBlock + before) * BLOCK_SIZE_BYTES);
                for (int i = 0; i < blocksUnder; i++) {
                    digest.digest(
                            blocks,
                            i * BLOCK_SIZE_BYTES,
                            run.leaves,
                            (before + i) * DIGEST_SIZE_BYTES);
                }
                digest.digest(
                        run.leaves, leaf * BLOCK_SIZE_BYTES, run.digests, leaf * DIGEST_SIZE_BYTES);
            }
            return run;
        }
    }
}
