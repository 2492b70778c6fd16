package dev.flipside.integration;

import dev.flipside.format.RandomAccess;
import dev.flipside.verity.HashTree;
import dev.flipside.verity.VerityParameters;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.UUID;

/**
 * Makes the hash tree of a file again for each line on standard input, and prints the root hash and
 * the nanoseconds that it took: so {@code integration-tests/bench} can measure it warm, in turns
 * with another program.
 */
public final class HashTreeBenchmark {
    private static final String SALT = "ab".repeat(32);

    private HashTreeBenchmark() {}

    /** A file that several threads read at a time. */
    private record Positional(FileChannel file, long sizeBytes) implements RandomAccess {
        @Override
        public void read(ByteBuffer destination, long offsetBytes) throws IOException {
            long at = offsetBytes;
            while (destination.hasRemaining()) {
                int count = file.read(destination, at);
                if (count < 0) {
                    throw new EOFException("at " + at);
                }
                at += count;
            }
        }
    }

    /** Arguments: the file, where to put the tree, and how many threads hash. */
    public static void main(String[] arguments) throws IOException {
        int threads = Integer.parseInt(arguments[2]);
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (FileChannel file = FileChannel.open(Path.of(arguments[0]))) {
            Positional data = new Positional(file, file.size());
            while (lines.readLine() != null) {
                long begun = System.nanoTime();
                byte[] root = build(data, Path.of(arguments[1]), threads);
                long took = System.nanoTime() - begun;
                System.out.println(HexFormat.of().formatHex(root) + " " + took);
            }
        }
    }

    private static byte[] build(Positional data, Path out, int threads) throws IOException {
        VerityParameters parameters =
                new VerityParameters(
                        SALT, new UUID(1, 2), data.sizeBytes() / VerityParameters.BLOCK_SIZE_BYTES);
        try (FileChannel tree =
                FileChannel.open(
                        out,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            return HashTree.build(
                    data,
                    parameters,
                    threads,
                    (blocks, offset) -> writeAll(tree, blocks, offset),
                    _ -> {});
        }
    }

    private static void writeAll(FileChannel out, ByteBuffer bytes, long offsetBytes)
            throws IOException {
        long at = offsetBytes;
        while (bytes.hasRemaining()) {
            at += out.write(bytes, at);
        }
    }
}
