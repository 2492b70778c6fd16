package dev.flipside.erofs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads the blocks that {@link DirectoryBlocks} describes, and checks their invariants. */
final class DirectoryParser {
    private final long nid;
    private final List<ErofsReader.Entry> entries = new ArrayList<>();
    private ByteString previous = ByteString.utf8("");

    DirectoryParser(long nid) {
        this.nid = nid;
    }

    /** Adds the entries of the next block, which ends where the buffer does. */
    void addBlock(ByteBuffer block) throws FlipsideException {
        int size = block.limit();
        int firstName = size < ErofsFormat.DIRENT_BYTES ? 0 : nameOffset(block, 0);
        if (firstName < ErofsFormat.DIRENT_BYTES
                || firstName > size
                || firstName % ErofsFormat.DIRENT_BYTES != 0) {
            throw malformed("a first name offset within the block", Integer.toString(firstName));
        }
        int count = firstName / ErofsFormat.DIRENT_BYTES;
        for (int i = 0; i < count; i++) {
            int start = nameOffset(block, i);
            int end = i + 1 < count ? nameOffset(block, i + 1) : endOfLastName(block, start);
            if (start < firstName || end <= start || end > size) {
                throw malformed("names one after the other", "offsets " + start + ", " + end);
            }
            addEntry(block, i * ErofsFormat.DIRENT_BYTES, start, end);
        }
    }

    List<ErofsReader.Entry> entries() {
        return entries;
    }

    private void addEntry(ByteBuffer block, int at, int start, int end) throws FlipsideException {
        byte[] bytes = new byte[end - start];
        block.get(start, bytes);
        ByteString name = ByteString.of(bytes);
        if (name.compareTo(previous) <= 0) {
            throw malformed("names in ascending order", "'" + name + "' after '" + previous + "'");
        }
        previous = name;
        int number = Byte.toUnsignedInt(block.get(at + 10));
        ErofsInode.Type type =
                ErofsInode.Type.ofDirent(number)
                        .orElseThrow(() -> malformed("a file type", "number " + number));
        if (name.equals(DirectoryBlocks.SELF) || name.equals(DirectoryBlocks.PARENT)) {
            return;
        }
        if (!FileTree.isName(name)) {
            throw malformed("a file name", "'" + name + "'");
        }
        if (entries.size() == DirectoryBlocks.MAX_ENTRIES) {
            throw malformed("at most " + DirectoryBlocks.MAX_ENTRIES + " entries", "more");
        }
        entries.add(new ErofsReader.Entry(name, block.getLong(at), type));
    }

    private static int nameOffset(ByteBuffer block, int index) {
        return Short.toUnsignedInt(block.getShort(index * ErofsFormat.DIRENT_BYTES + 8));
    }

    /** The last name ends at the first NUL, or with the block. */
    private static int endOfLastName(ByteBuffer block, int start) {
        int end = start;
        while (end < block.limit() && block.get(end) != 0) {
            end++;
        }
        return end;
    }

    private FlipsideException malformed(String expected, String found) {
        return Malformed.because("directory " + nid, expected, found);
    }
}
