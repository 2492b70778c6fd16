package dev.flipside.builder.inspect;

import dev.flipside.boot.gpt.Partition;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.FileBlockDevice;
import dev.flipside.platform.PartitionDevice;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A disk in a file, or a block device, that is only read. The sector size is the one at which the
 * primary partition table stands, else the backup's, as a file does not tell it.
 *
 * @param device the disk without what its format adds
 */
public record DiskImage(Format format, BlockDevice device) implements Closeable {
    private static final int[] SECTOR_SIZES = {512, 4096};
    private static final int VHD_FOOTER_BYTES = 512;
    private static final int VHD_AT_DISK_TYPE = 60;
    private static final int VHD_FIXED = 2;
    private static final String GPT_SIGNATURE = "EFI PART";
    private static final String VHD_SIGNATURE = "conectix";

    /** How the file holds the disk. */
    public enum Format {
        RAW("raw"),
        VHD("vhd");

        private final String code;

        Format(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    /**
     * Opens a disk.
     *
     * @throws FlipsideException {@code argument-invalid} for a format that is not read
     */
    public static DiskImage open(Path path) throws IOException, FlipsideException {
        try (FileBlockDevice probe = FileBlockDevice.openForReading(path)) {
            requireFormat(probe, path);
            Format format = isFixedVhd(probe) ? Format.VHD : Format.RAW;
            long footerBytes = format == Format.VHD ? VHD_FOOTER_BYTES : 0;
            long sizeBytes = probe.sizeBytes() - footerBytes;
            int sector = sectorSizeBytes(probe, sizeBytes);
            FileBlockDevice file = FileBlockDevice.openForReading(path, sector);
            return new DiskImage(format, new WholeSectors(file, sizeBytes - sizeBytes % sector));
        }
    }

    /** A partition of this disk; closing it is not needed. */
    public RandomAccess partition(Partition partition) {
        int sector = device.sectorSizeBytes();
        return new DeviceBytes(
                new PartitionDevice(
                        device, partition.offsetBytes(sector), partition.sizeBytes(sector)));
    }

    @Override
    public void close() throws IOException {
        device.close();
    }

    private static void requireFormat(BlockDevice file, Path path)
            throws IOException, FlipsideException {
        String start = text(file, 0, 4);
        if (start.equals("QFI\u00fb") || start.equals("vhdx") || start.equals("KDMV")) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    "disk '%s'".formatted(path),
                    "a raw disk or a fixed VHD",
                    start.startsWith("QFI") ? "qcow2" : "another format",
                    "convert it with 'qemu-img convert -O raw', and look at the copy");
        }
    }

    private static boolean isFixedVhd(BlockDevice file) throws IOException {
        long at = file.sizeBytes() - VHD_FOOTER_BYTES;
        if (!text(file, at, VHD_SIGNATURE.length()).equals(VHD_SIGNATURE)) {
            return false;
        }
        ByteBuffer type = ByteBuffer.allocate(Integer.BYTES);
        file.read(type, at + VHD_AT_DISK_TYPE);
        return type.getInt(0) == VHD_FIXED;
    }

    private static int sectorSizeBytes(BlockDevice file, long sizeBytes) throws IOException {
        for (int sector : SECTOR_SIZES) {
            if (text(file, sector, GPT_SIGNATURE.length()).equals(GPT_SIGNATURE)) {
                return sector;
            }
        }
        for (int sector : SECTOR_SIZES) {
            if (text(file, sizeBytes - sector, GPT_SIGNATURE.length()).equals(GPT_SIGNATURE)) {
                return sector;
            }
        }
        return file.sectorSizeBytes();
    }

    private static String text(BlockDevice file, long offset, int length) throws IOException {
        if (offset < 0 || offset > file.sizeBytes() - length) {
            return "";
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        file.read(bytes, offset);
        return new String(bytes.array(), StandardCharsets.ISO_8859_1);
    }

    /** The whole sectors at the start of a file, which is closed with them. */
    private record WholeSectors(FileBlockDevice file, long sizeBytes) implements BlockDevice {
        @Override
        public int sectorSizeBytes() {
            return file.sectorSizeBytes();
        }

        @Override
        public void read(ByteBuffer destination, long offsetBytes) throws IOException {
            if (destination.remaining() > sizeBytes - offsetBytes) {
                throw new java.io.EOFException("the disk ends at %d".formatted(sizeBytes));
            }
            file.read(destination, offsetBytes);
        }

        @Override
        public void readPastCache(ByteBuffer destination, long offsetBytes) throws IOException {
            read(destination, offsetBytes);
        }

        @Override
        public void write(ByteBuffer source, long offsetBytes) throws IOException {
            throw new IOException("the disk is open for reading only");
        }

        @Override
        public void flush() {
            // Nothing was written.
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
