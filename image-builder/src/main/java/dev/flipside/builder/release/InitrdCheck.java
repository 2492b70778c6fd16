package dev.flipside.builder.release;

import dev.flipside.builder.rootfs.PackedFile;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Tells an initrd from any other file, by how it begins: a cpio archive in "new ASCII" form, or one
 * packed in what Linux can unpack (Documentation/driver-api/early-userspace/buffer-format.rst).
 */
final class InitrdCheck {
    /** More than one block of zstd, or one chunk of LZMA2. */
    private static final int HEAD_BYTES = 1 << 18;

    private static final List<String> CPIO = List.of("070701", "070702");

    /** bzip2, lzma, lzo and lz4 in its legacy form: known by name only. */
    private static final List<String> OTHER_PACKINGS =
            List.of("BZh", "]\0\0", "\u0089LZO", "\002!L\030");

    /** Where the kernel looks for microcode; the first few entries are its folders. */
    private static final String MICROCODE = "kernel/x86/microcode/";

    private static final int MICROCODE_HEAD_BYTES = 4096;

    private InitrdCheck() {}

    /**
     * Refuses what the kernel would not unpack.
     *
     * @throws FlipsideException {@code initrd-malformed}
     */
    static void requireInitrd(RandomAccess initrd, String what)
            throws IOException, FlipsideException {
        byte[] head = head(initrd, HEAD_BYTES);
        String start = latin1(head);
        if (OTHER_PACKINGS.stream().anyMatch(start::startsWith)) {
            return;
        }
        String unpacked;
        try {
            unpacked = latin1(PackedFile.unpackedHead(head, CPIO.getFirst().length()));
        } catch (IOException e) {
            throw refusedInitrd(what, "'" + e.getMessage() + "' where it is unpacked", e);
        }
        if (!CPIO.contains(unpacked)) {
            throw refusedInitrd(
                    what, start.isEmpty() ? "an empty file" : "another kind of file", null);
        }
    }

    /**
     * Refuses what the kernel would find no microcode in: it looks before it can unpack.
     *
     * @throws FlipsideException {@code initrd-malformed}
     */
    static void requireMicrocode(RandomAccess file, String what)
            throws IOException, FlipsideException {
        String head = latin1(head(file, MICROCODE_HEAD_BYTES));
        if (CPIO.stream().noneMatch(head::startsWith)) {
            throw refusedMicrocode(what, "another kind of file");
        }
        if (!head.contains(MICROCODE)) {
            throw refusedMicrocode(what, "an archive of other files");
        }
    }

    private static byte[] head(RandomAccess file, int maxBytes) throws IOException {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(maxBytes, file.sizeBytes()));
        file.read(head, 0);
        return head.array();
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static FlipsideException refusedInitrd(String what, String found, Exception cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.INITRD_MALFORMED,
                        what,
                        "a cpio archive in newc form, plain or packed",
                        found,
                        "make it again, or give another one with --initrd"),
                cause);
    }

    private static FlipsideException refusedMicrocode(String what, String found) {
        return new FlipsideException(
                FailureCode.INITRD_MALFORMED,
                what,
                "a cpio archive that is not packed, with '%s' first".formatted(MICROCODE),
                found,
                "give what iucode_tool or the distribution's microcode package makes");
    }
}
