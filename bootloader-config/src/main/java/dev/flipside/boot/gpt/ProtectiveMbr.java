package dev.flipside.boot.gpt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The master boot record that keeps tools that know no GPT away (UEFI 2.10, 5.2.3): one partition
 * of type 0xEE over the whole disk, or over the first 2^32 - 1 sectors of it.
 */
final class ProtectiveMbr {
    private static final int RECORD_OFFSET = 446;
    private static final int TYPE = 4;
    private static final int FIRST_LBA = 8;
    private static final int LENGTH = 12;
    private static final int SIGNATURE_OFFSET = 510;
    private static final int MAX_SECTORS = 0xFFFF_FFFF;

    private ProtectiveMbr() {}

    static ByteBuffer encode(long sectors, int sectorSizeBytes) {
        ByteBuffer mbr = ByteBuffer.allocate(sectorSizeBytes).order(ByteOrder.LITTLE_ENDIAN);
        mbr.position(RECORD_OFFSET);
        mbr.put((byte) 0).put(new byte[] {0x00, 0x02, 0x00});
        mbr.put((byte) 0xEE).put(new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF});
        mbr.putInt(1);
        mbr.putInt(length(sectors));
        mbr.putShort(SIGNATURE_OFFSET, (short) 0xAA55);
        return mbr.rewind();
    }

    /** The same record for a disk of another size; empty when there is nothing to change. */
    static Optional<ByteBuffer> stretched(ByteBuffer sector, long sectors) {
        ByteBuffer mbr =
                ByteBuffer.allocate(sector.capacity())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(sector.duplicate())
                        .rewind();
        boolean isProtective =
                mbr.getShort(SIGNATURE_OFFSET) == (short) 0xAA55
                        && mbr.get(RECORD_OFFSET + TYPE) == (byte) 0xEE
                        && mbr.getInt(RECORD_OFFSET + FIRST_LBA) == 1;
        if (!isProtective || mbr.getInt(RECORD_OFFSET + LENGTH) == length(sectors)) {
            return Optional.empty();
        }
        return Optional.of(mbr.putInt(RECORD_OFFSET + LENGTH, length(sectors)));
    }

    private static int length(long sectors) {
        long length = sectors - 1;
        return length > Integer.toUnsignedLong(MAX_SECTORS) ? MAX_SECTORS : (int) length;
    }
}
