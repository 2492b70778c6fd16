package dev.flipside.builder.release;

import dev.flipside.builder.rootfs.ErofsImage;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.ErofsLayout;
import dev.flipside.failure.FlipsideException;
import dev.flipside.verity.HashTree;
import dev.flipside.verity.TreeSink;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * An image that was written, with its digest and the root of its hash tree, both of which were made
 * behind the writer.
 */
record HashedImage(String sha256, String rootHash) {
    private static final int READ_BYTES = 1 << 20;

    /**
     * Writes the image of a root file system, and its hash tree.
     *
     * @param file empty, for reading and writing
     * @param tree gets the tree without the superblock, on another thread
     */
    static HashedImage write(
            RootFileSystem rootfs,
            ErofsLayout layout,
            VerityParameters parameters,
            FileChannel file,
            TreeSink tree,
            int threads,
            BuildProgress progress)
            throws IOException, FlipsideException {
        try (ExecutorService readers = Executors.newFixedThreadPool(2);
                GrowingFile image = new GrowingFile(file, layout.sizeBytes())) {
            Future<byte[]> digest = readers.submit(() -> digest(image));
            Future<byte[]> root =
                    readers.submit(() -> HashTree.build(image, parameters, threads, tree, _ -> {}));
            try (BuildProgress.Step step = progress.begin("image", layout.sizeBytes())) {
                ErofsImage.write(rootfs, layout, new CountingChannel(image, step::advance));
                image.finish();
            }
            try (BuildProgress.Step step = progress.begin("hash tree", parameters.dataBlocks())) {
                HashedImage hashed = new HashedImage(hex(await(digest)), hex(await(root)));
                step.advance(parameters.dataBlocks());
                return hashed;
            }
        }
    }

    private static byte[] digest(GrowingFile image) throws IOException {
        MessageDigest sha256 = newSha256();
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        for (long done = 0; done < image.sizeBytes(); done += buffer.limit()) {
            buffer.clear().limit((int) Math.min(READ_BYTES, image.sizeBytes() - done));
            image.read(buffer, done);
            sha256.update(buffer.flip());
        }
        return sha256.digest();
    }

    private static byte[] await(Future<byte[]> result) throws IOException {
        try {
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted at work").initCause(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
