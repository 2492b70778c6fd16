package dev.flipside.erofs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads the inline and the shared extended attributes of an inode. */
final class XattrParser {
    /** All attributes of one inode; Linux allows 64 KiB of names, and ext4 far less of values. */
    private static final long MAX_TOTAL_BYTES = 1 << 20;

    private static final int MAX_ENTRY_BYTES = 4 + 255 + 65535;

    private final RandomAccess image;
    private final ErofsSuperblock superblock;
    private final ErofsInode inode;
    private final SortedMap<ByteString, ByteString> xattrs = new TreeMap<>();
    private long totalBytes;

    XattrParser(RandomAccess image, ErofsSuperblock superblock, ErofsInode inode) {
        this.image = image;
        this.superblock = superblock;
        this.inode = inode;
    }

    SortedMap<ByteString, ByteString> parse() throws IOException, FlipsideException {
        int size = inode.storage().xattrBytes();
        if (size == 0) {
            return xattrs;
        }
        ByteBuffer body = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        image.read(body, inode.storage().xattrOffsetBytes());
        int shared = Byte.toUnsignedInt(body.get(4));
        body.position(ErofsFormat.XATTR_HEADER_BYTES);
        if (body.remaining() < shared * 4) {
            throw malformed("room for " + shared + " shared attributes", size + " bytes");
        }
        for (int i = 0; i < shared; i++) {
            readShared(Integer.toUnsignedLong(body.getInt()));
        }
        while (body.remaining() >= ErofsFormat.XATTR_ENTRY_BYTES) {
            readEntry(body);
        }
        return xattrs;
    }

    private void readShared(long id) throws IOException, FlipsideException {
        long offset = superblock.sharedXattrOffsetBytes() + id * 4;
        long room = Math.min(superblock.sizeBytes() - offset, MAX_ENTRY_BYTES);
        if (room < ErofsFormat.XATTR_ENTRY_BYTES) {
            throw malformed("a shared attribute within the image", "number " + id);
        }
        ByteBuffer head = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        image.read(head, offset);
        long size = XattrBody.entryBytes(nameBytes(head, 0), valueBytes(head, 0));
        ByteBuffer entry =
                ByteBuffer.allocate((int) Math.min(size, room)).order(ByteOrder.LITTLE_ENDIAN);
        image.read(entry, offset);
        readEntry(entry.flip());
    }

    private void readEntry(ByteBuffer from) throws FlipsideException {
        int start = from.position();
        int nameBytes = nameBytes(from, start);
        int valueBytes = valueBytes(from, start);
        int prefixIndex = Byte.toUnsignedInt(from.get(start + 1));
        int size = XattrBody.entryBytes(nameBytes, valueBytes);
        if (size > from.remaining()) {
            throw malformed("an entry of " + size + " bytes", from.remaining() + " bytes");
        }
        totalBytes += size;
        if (totalBytes > MAX_TOTAL_BYTES) {
            throw malformed("at most " + MAX_TOTAL_BYTES + " bytes of attributes", "more");
        }
        XattrPrefix prefix =
                XattrPrefix.ofIndex(prefixIndex)
                        .orElseThrow(() -> malformed("a known prefix", "number " + prefixIndex));
        byte[] bytes = new byte[nameBytes + valueBytes];
        from.get(start + ErofsFormat.XATTR_ENTRY_BYTES, bytes);
        ByteString suffix = ByteString.of(bytes, 0, nameBytes);
        ByteString value = ByteString.of(bytes, nameBytes, bytes.length);
        if (!prefix.allows(suffix)) {
            throw malformed("an attribute name", "'" + prefix.text().concat(suffix) + "'");
        }
        if (xattrs.put(prefix.text().concat(suffix), value) != null) {
            throw malformed("each attribute once", "'" + prefix.text().concat(suffix) + "' twice");
        }
        from.position(start + size);
    }

    private static int nameBytes(ByteBuffer entry, int at) {
        return Byte.toUnsignedInt(entry.get(at));
    }

    private static int valueBytes(ByteBuffer entry, int at) {
        return Short.toUnsignedInt(entry.getShort(at + 2));
    }

    private FlipsideException malformed(String expected, String found) {
        return Malformed.because("attributes of inode " + inode.nid(), expected, found);
    }
}
