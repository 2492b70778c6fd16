package dev.flipside.builder.disk;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The file formats of a disk. */
public enum DiskFormat {
    /** The disk's bytes and nothing else, with holes for what is zero. */
    RAW("raw"),

    /** QEMU's, version 3: only the clusters that hold something. */
    QCOW2("qcow2"),

    /** Microsoft's Virtual Hard Disk of fixed size, as Azure takes it. */
    VHD("vhd");

    /** The largest that the format's tools take: 2040 GiB. */
    static final long MAX_VHD_BYTES = 2040L << 30;

    private final String code;

    DiskFormat(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }

    public static Optional<DiskFormat> of(String code) {
        return Arrays.stream(values()).filter(format -> format.code.equals(code)).findFirst();
    }

    /** All of them, as the help lists them. */
    public static String codes() {
        return Arrays.stream(values()).map(DiskFormat::code).collect(Collectors.joining("|"));
    }

    /** Refuses a disk that the format cannot hold. */
    void check(long sizeBytes, int sectorSizeBytes) throws FlipsideException {
        if (this != VHD) {
            return;
        }
        if (sectorSizeBytes != VhdFooter.BYTES) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    "--sector-size",
                    "512, the only one that a VHD has",
                    Integer.toString(sectorSizeBytes),
                    "give --format raw or qcow2 for other sectors");
        }
        if (sizeBytes > MAX_VHD_BYTES) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    "size of the new disk",
                    "at most %d bytes in a VHD".formatted(MAX_VHD_BYTES),
                    "%d bytes".formatted(sizeBytes),
                    "make the disk smaller, and let the cloud grow it");
        }
    }
}
