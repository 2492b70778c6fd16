package dev.flipside.boot.gpt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * GUIDs as UEFI stores them (UEFI 2.10, appendix A): the first three fields little-endian, the last
 * eight bytes in the order of the text.
 */
final class Guids {
    private Guids() {}

    static UUID read(ByteBuffer buffer, int offset) {
        ByteBuffer view = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long high =
                (Integer.toUnsignedLong(view.getInt(offset)) << 32)
                        | (Short.toUnsignedLong(view.getShort(offset + 4)) << 16)
                        | Short.toUnsignedLong(view.getShort(offset + 6));
        return new UUID(high, view.order(ByteOrder.BIG_ENDIAN).getLong(offset + 8));
    }

    static void write(ByteBuffer buffer, int offset, UUID uuid) {
        ByteBuffer view = buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long high = uuid.getMostSignificantBits();
        view.putInt(offset, (int) (high >>> 32));
        view.putShort(offset + 4, (short) (high >>> 16));
        view.putShort(offset + 6, (short) high);
        view.order(ByteOrder.BIG_ENDIAN).putLong(offset + 8, uuid.getLeastSignificantBits());
    }
}
