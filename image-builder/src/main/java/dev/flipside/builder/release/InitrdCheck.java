package dev.flipside.builder.release;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * Whether a file begins as an initrd does: a cpio archive, as it is or in one of the kernel's
 * compressions (Documentation/driver-api/early-userspace/buffer-format.rst).
 */
final class InitrdCheck {
    /** "070701" and "070702". */
    private static final List<String> CPIO = List.of("303730373031", "303730373032");

    /** gzip, bzip2, LZMA, XZ, LZO, LZ4 (legacy), zstd. */
    private static final List<String> COMPRESSED =
            List.of(
                    "1f8b",
                    "425a68",
                    "5d0000",
                    "fd377a585a00",
                    "894c5a4f000d0a",
                    "02214c18",
                    "28b52ffd");

    private static final int MAGIC_BYTES = 8;

    /** Where the kernel looks for microcode; the first few entries are its folders. */
    private static final String MICROCODE = "kernel/x86/microcode/";

    private static final int MICROCODE_BYTES = 4096;

    private InitrdCheck() {}

    /**
     * Refuses what the kernel would not unpack.
     *
     * @throws FlipsideException {@code initrd-malformed}
     */
    static void requireInitrd(RandomAccess file, String what)
            throws IOException, FlipsideException {
        String head = HexFormat.of().formatHex(head(file, MAGIC_BYTES));
        if (CPIO.stream().noneMatch(head::startsWith)
                && COMPRESSED.stream().noneMatch(head::startsWith)) {
            throw malformed(what, "a cpio archive, as it is or compressed", head);
        }
    }

    /**
     * Refuses what the kernel would find no microcode in.
     *
     * @throws FlipsideException {@code initrd-malformed}
     */
    static void requireMicrocode(RandomAccess file, String what)
            throws IOException, FlipsideException {
        byte[] head = head(file, MICROCODE_BYTES);
        String hex = HexFormat.of().formatHex(head, 0, Math.min(head.length, MAGIC_BYTES));
        if (CPIO.stream().noneMatch(hex::startsWith)
                || !new String(head, StandardCharsets.ISO_8859_1).contains(MICROCODE)) {
            throw malformed(what, "an uncompressed cpio archive with '" + MICROCODE + "'", hex);
        }
    }

    private static byte[] head(RandomAccess file, int maxBytes) throws IOException {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(maxBytes, file.sizeBytes()));
        file.read(head, 0);
        return head.array();
    }

    private static FlipsideException malformed(String what, String expected, String head) {
        return new FlipsideException(
                FailureCode.INITRD_MALFORMED,
                what,
                expected,
                head.isEmpty() ? "an empty file" : "a file that begins with " + head,
                "give another file");
    }
}
