package dev.flipside.builder.disk;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.FileBlockDevice;
import dev.flipside.platform.PartitionDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The file of a disk that exists: a raw one, or a VHD of fixed size, whose footer is no part of the
 * disk. Its sector size is told by where its partition table is.
 */
record ExistingDisk(BlockDevice file, BlockDevice disk) implements AutoCloseable {
    private static final int LARGE_SECTOR_BYTES = 4096;
    private static final byte[] GPT = "EFI PART".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] QCOW = {'Q', 'F', 'I', (byte) 0xFB};

    /** Opens for writing, exclusively. */
    static ExistingDisk open(Path path) throws IOException, FlipsideException {
        if (!Files.isRegularFile(path)) {
            throw refused(path, "the file of a disk", "none", FailureCode.INPUT_MISSING);
        }
        BlockDevice file = FileBlockDevice.openForWriting(path, sectorSizeBytes(path));
        try {
            return new ExistingDisk(file, withoutFooter(file));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static int sectorSizeBytes(Path path) throws IOException, FlipsideException {
        try (BlockDevice file =
                FileBlockDevice.openForReading(path, FileBlockDevice.FILE_SECTOR_SIZE_BYTES)) {
            if (file.sizeBytes() < 2 * LARGE_SECTOR_BYTES) {
                throw refused(
                        path,
                        "the file of a disk",
                        "%d bytes".formatted(file.sizeBytes()),
                        FailureCode.GPT_MALFORMED);
            }
            if (Arrays.equals(bytes(file, 0, QCOW.length), QCOW)) {
                throw refused(
                        path,
                        "a raw disk or a VHD of fixed size, which can be changed in place",
                        "a qcow2",
                        FailureCode.ARGUMENT_INVALID);
            }
            return Arrays.equals(bytes(file, LARGE_SECTOR_BYTES, GPT.length), GPT)
                    ? LARGE_SECTOR_BYTES
                    : FileBlockDevice.FILE_SECTOR_SIZE_BYTES;
        }
    }

    private static BlockDevice withoutFooter(BlockDevice file) throws IOException {
        long sizeBytes = file.sizeBytes() - VhdFooter.BYTES;
        ByteBuffer footer = ByteBuffer.wrap(bytes(file, sizeBytes, VhdFooter.BYTES));
        return VhdFooter.isFixed(footer, sizeBytes)
                ? new PartitionDevice(file, 0, sizeBytes)
                : file;
    }

    private static byte[] bytes(BlockDevice file, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        file.read(bytes, offset);
        return bytes.array();
    }

    private static FlipsideException refused(
            Path path, String expected, String found, FailureCode code) {
        return new FlipsideException(
                code,
                "disk '%s'".formatted(path),
                expected,
                found,
                "give what 'flipside-image disk' wrote; 'qemu-img convert' turns a qcow2 into raw and back");
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
