package dev.flipside.builder.disk;

import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.OutputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The bytes of a disk as they are, and maybe a footer after the last one. What is zero, and has
 * always been, stays a hole of the file.
 */
final class RawDisk implements NewDisk {
    private static final int CELL_BYTES = 4096;

    private final OutputFile file;
    private final BlockDevice device;
    private final Optional<ByteBuffer> footer;

    private RawDisk(OutputFile file, BlockDevice device, Optional<ByteBuffer> footer) {
        this.file = file;
        this.device = device;
        this.footer = footer;
    }

    static RawDisk create(
            OutputFile file, long sizeBytes, int sectorSizeBytes, Optional<ByteBuffer> footer)
            throws IOException {
        file.channel().write(ByteBuffer.allocate(1), sizeBytes - 1);
        return new RawDisk(file, file.device(sectorSizeBytes), footer);
    }

    @Override
    public void write(ByteBuffer source, long offsetBytes) throws IOException {
        long offset = offsetBytes;
        while (source.hasRemaining()) {
            int toCell = CELL_BYTES - (int) (offset % CELL_BYTES);
            ByteBuffer cell = source.slice(source.position(), Math.min(toCell, source.remaining()));
            boolean hole = NewDisk.isZero(cell) && isZeroAt(offset, cell.remaining());
            int length = cell.remaining();
            if (hole) {
                source.position(source.position() + length);
            } else {
                length = dataLength(source, offset);
                device.write(source.slice(source.position(), length), offset);
                source.position(source.position() + length);
            }
            offset += length;
        }
    }

    /** Up to the next cell that is zero, so that data goes out in large pieces. */
    private static int dataLength(ByteBuffer source, long offset) {
        int length = Math.min(CELL_BYTES - (int) (offset % CELL_BYTES), source.remaining());
        while (length < source.remaining()) {
            int next = Math.min(CELL_BYTES, source.remaining() - length);
            if (NewDisk.isZero(source.slice(source.position() + length, next))) {
                return length;
            }
            length += next;
        }
        return length;
    }

    // A hole reads as zero without any input, so to ask costs little.
    private boolean isZeroAt(long offsetBytes, int lengthBytes) throws IOException {
        ByteBuffer there = ByteBuffer.allocate(lengthBytes);
        device.read(there, offsetBytes);
        return NewDisk.isZero(there.flip());
    }

    @Override
    public void finish() throws IOException {
        if (footer.isPresent()) {
            ByteBuffer bytes = footer.get().duplicate();
            long offset = device.sizeBytes();
            while (bytes.hasRemaining()) {
                offset += file.channel().write(bytes, offset);
            }
        }
    }

    @Override
    public long sizeBytes() {
        return device.sizeBytes();
    }

    @Override
    public int sectorSizeBytes() {
        return device.sectorSizeBytes();
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        device.read(destination, offsetBytes);
    }

    @Override
    public void readPastCache(ByteBuffer destination, long offsetBytes) throws IOException {
        device.readPastCache(destination, offsetBytes);
    }

    @Override
    public void flush() {
        // The file gets its name when all of it is durable; until then nobody counts on any part.
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
