package dev.flipside.erofs;

import dev.flipside.format.ByteString;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedMap;

/**
 * The extended attributes that follow an inode: {@code erofs_xattr_ibody_header} (12 bytes: u32
 * name filter, which stays 0, u8 count of shared attributes, 7 reserved), then u32 for each shared
 * attribute ({@link SharedXattrs}), then entries of u8 name length, u8 prefix index, u16 value
 * size, name, value, padded to 4.
 */
final class XattrBody {
    static final int MAX_VALUE_BYTES = 0xffff;

    /** {@code i_xattr_icount} has 16 bits. */
    private static final int MAX_COUNT = 0xffff;

    private XattrBody() {}

    /** Whether the attributes have a place after an inode, even if none is shared. */
    static boolean fits(SortedMap<ByteString, ByteString> xattrs) {
        for (Map.Entry<ByteString, ByteString> xattr : xattrs.entrySet()) {
            if (XattrPrefix.ofName(xattr.getKey()).isEmpty()
                    || xattr.getValue().length() > MAX_VALUE_BYTES) {
                return false;
            }
        }
        return ErofsFormat.XATTR_HEADER_BYTES + entriesBytes(xattrs) <= sizeOfCount(MAX_COUNT);
    }

    static int sizeBytes(SortedMap<ByteString, ByteString> xattrs, SharedXattrs shared) {
        if (xattrs.isEmpty()) {
            return 0;
        }
        SharedXattrs.Split split = shared.split(xattrs);
        return (int)
                (ErofsFormat.XATTR_HEADER_BYTES
                        + split.ids().size() * (long) Integer.BYTES
                        + entriesBytes(split.inline()));
    }

    private static long entriesBytes(SortedMap<ByteString, ByteString> xattrs) {
        long size = 0;
        for (Map.Entry<ByteString, ByteString> xattr : xattrs.entrySet()) {
            size += entryBytes(xattr.getKey(), xattr.getValue());
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

    static int entryBytes(ByteString name, ByteString value) {
        return entryBytes(name.length() - prefixOf(name).text().length(), value.length());
    }

    static void write(
            SortedMap<ByteString, ByteString> xattrs, SharedXattrs shared, ByteBuffer out) {
        if (xattrs.isEmpty()) {
            return;
        }
        SharedXattrs.Split split = shared.split(xattrs);
        out.putInt(0).putInt(split.ids().size()).putInt(0);
        split.ids().forEach(out::putInt);
        split.inline().forEach((name, value) -> writeEntry(name, value, out));
    }

    static void writeEntry(ByteString name, ByteString value, ByteBuffer out) {
        XattrPrefix prefix = prefixOf(name);
        ByteString suffix = prefix.suffixOf(name);
        int end = out.position() + entryBytes(suffix.length(), value.length());
        out.put((byte) suffix.length()).put((byte) prefix.index());
        out.putShort((short) value.length());
        suffix.putInto(out);
        value.putInto(out);
        while (out.position() < end) {
            out.put((byte) 0);
        }
    }

    private static XattrPrefix prefixOf(ByteString name) {
        return XattrPrefix.ofName(name)
                .orElseThrow(() -> new IllegalArgumentException("attribute name " + name));
    }
}
