package dev.flipside.boot.uki;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One entry of the section table: 0 name (8 bytes, padded with NUL), 8 size and 12 address in
 * memory, 16 size and 20 offset in the file, 36 characteristics.
 */
record PeSection(
        String name,
        long memorySizeBytes,
        long memoryAddress,
        long fileSizeBytes,
        long fileOffset,
        int characteristics) {

    /** The bytes of the section that the file holds; what follows in memory is zero. */
    long contentSizeBytes() {
        return Math.min(memorySizeBytes, fileSizeBytes);
    }

    void encode(ByteBuffer table, int at) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        table.put(at, bytes);
        table.putInt(at + 8, (int) memorySizeBytes)
                .putInt(at + 12, (int) memoryAddress)
                .putInt(at + 16, (int) fileSizeBytes)
                .putInt(at + 20, (int) fileOffset)
                .putInt(at + 36, characteristics);
    }
}
