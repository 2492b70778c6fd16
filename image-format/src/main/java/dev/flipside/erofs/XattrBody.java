package dev.flipside.erofs;

import dev.flipside.format.ByteString;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedMap;

/**
 * The inline extended attributes that follow an inode: {@code erofs_xattr_ibody_header} (12 bytes:
 * u32 name filter, u8 count of shared attributes, 7 reserved), then entries of u8 name length, u8
 * prefix index, u16 value size, name, value, padded to 4.
 *
 * <p>We share none: the name filter and the shared count stay 0.
 */
final class XattrBody {
    static final int MAX_VALUE_BYTES = 0xffff;

    /** {@code i_xattr_icount} has 16 bits. */
    private static final int MAX_COUNT = 0xffff;

    private XattrBody() {}

    static boolean fits(SortedMap<ByteString, ByteString> xattrs) {
        for (Map.Entry<ByteString, ByteString> xattr : xattrs.entrySet()) {
            if (XattrPrefix.ofName(xattr.getKey()).isEmpty()
                    || xattr.getValue().length() > MAX_VALUE_BYTES) {
                return false;
            }
        }
        return sizeBytes(xattrs) <= sizeOfCount(MAX_COUNT);
    }

    static long sizeBytes(SortedMap<ByteString, ByteString> xattrs) {
        if (xattrs.isEmpty()) {
            return 0;
        }
        long size = ErofsFormat.XATTR_HEADER_BYTES;
        for (Map.Entry<ByteString, ByteString> xattr : xattrs.entrySet()) {
            XattrPrefix prefix = prefixOf(xattr.getKey());
            size +=
                    entryBytes(
                            xattr.getKey().length() - prefix.text().length(),
                            xattr.getValue().length());
        }
        return size;
    }

    /** {@code i_xattr_icount} of a body of that size: 0 for none, else 1 plus its 4-byte words. */
    static int countOf(int sizeBytes) {
        return sizeBytes == 0 ? 0 : 1 + (sizeBytes - ErofsFormat.XATTR_HEADER_BYTES) / 4;
    }

    static int sizeOfCount(int count) {
        return count == 0 ? 0 : ErofsFormat.XATTR_HEADER_BYTES + (count - 1) * 4;
    }

    static int entryBytes(int suffixBytes, int valueBytes) {
        return (int)
                ErofsFormat.roundUp(
                        (long) ErofsFormat.XATTR_ENTRY_BYTES + suffixBytes + valueBytes, 4);
    }

    static void write(SortedMap<ByteString, ByteString> xattrs, ByteBuffer out) {
        if (xattrs.isEmpty()) {
            return;
        }
        out.putLong(0).putInt(0);
        for (Map.Entry<ByteString, ByteString> xattr : xattrs.entrySet()) {
            XattrPrefix prefix = prefixOf(xattr.getKey());
            ByteString suffix = prefix.suffixOf(xattr.getKey());
            ByteString value = xattr.getValue();
            int end = out.position() + entryBytes(suffix.length(), value.length());
            out.put((byte) suffix.length()).put((byte) prefix.index());
            out.putShort((short) value.length());
            suffix.putInto(out);
            value.putInto(out);
            while (out.position() < end) {
                out.put((byte) 0);
            }
        }
    }

    private static XattrPrefix prefixOf(ByteString name) {
        return XattrPrefix.ofName(name)
                .orElseThrow(() -> new IllegalArgumentException("attribute name " + name));
    }
}
