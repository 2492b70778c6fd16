package dev.flipside.builder.rootfs;

import dev.flipside.erofs.ErofsLayout;
import dev.flipside.erofs.Extent;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;

/** Writes the EROFS image of a root file system. */
public final class ErofsImage {
    private static final int BLOCK_BYTES = 4096;

    /** Large enough that the disk is the limit; the only memory that contents take. */
    private static final int BUFFER_BYTES = 1 << 20;

    private final FileTree tree;
    private final ErofsLayout layout;
    private final SeekableByteChannel out;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final byte[] zeros = new byte[BUFFER_BYTES];

    private ErofsImage(FileTree tree, ErofsLayout layout, SeekableByteChannel out) {
        this.tree = tree;
        this.layout = layout;
        this.out = out;
    }

    /**
     * Writes the whole image: metadata, then each file where the layout of {@code source.tree()}
     * has it. A whole buffer of zeros becomes a hole. The position of the channel is undefined
     * afterwards.
     *
     * @param out an empty file
     * @throws FlipsideException also {@code input-changed}
     */
    public static void write(RootFileSystem source, ErofsLayout layout, SeekableByteChannel out)
            throws IOException, FlipsideException {
        layout.writeMetadata(out);
        ErofsImage image = new ErofsImage(source.tree(), layout, out);
        source.forEachContent(image::copy);
        image.writeEnd();
    }

    private void copy(Inode file, InputStream bytes) throws IOException, FlipsideException {
        Extent extent = layout.extentOf(file);
        writeSpare(file, extent);
        out.position(extent.offsetBytes());
        long left = extent.sizeBytes();
        while (left > 0) {
            int wanted = (int) Math.min(left, BUFFER_BYTES);
            int count = bytes.readNBytes(buffer, 0, wanted);
            if (count < wanted) {
                throw new FlipsideException(
                        FailureCode.INPUT_CHANGED,
                        "file '" + tree.pathOf(file) + "'",
                        extent.sizeBytes() + " bytes",
                        (extent.sizeBytes() - left + count) + " bytes",
                        "leave the root file system alone while an image is built from it");
            }
            writeBlocks(count);
            left -= count;
        }
    }

    /**
     * Where files come in the order of the image, it is written without a gap that readers feel.
     */
    private void writeSpare(Inode file, Extent extent) throws IOException {
        long spare = layout.spareBytesBefore(file);
        if (spare > 0 && out.position() == extent.offsetBytes() - spare) {
            writeAll(ByteBuffer.wrap(zeros, 0, (int) spare));
        }
    }

    /** Only the last piece of a file is not whole blocks: zeros fill its last one. */
    private void writeBlocks(int count) throws IOException {
        int end = (count + BLOCK_BYTES - 1) & -BLOCK_BYTES;
        Arrays.fill(buffer, count, end, (byte) 0);
        if (end == BUFFER_BYTES && Arrays.equals(buffer, zeros)) {
            out.position(out.position() + end);
        } else {
            writeAll(ByteBuffer.wrap(buffer, 0, end));
        }
    }

    /** A file ends with its last byte that was written, never with a hole. */
    private void writeEnd() throws IOException {
        if (out.size() < layout.sizeBytes()) {
            out.position(layout.sizeBytes() - BLOCK_BYTES);
            writeAll(ByteBuffer.wrap(zeros, 0, BLOCK_BYTES));
        }
    }

    private void writeAll(ByteBuffer from) throws IOException {
        while (from.hasRemaining()) {
            out.write(from);
        }
    }
}
