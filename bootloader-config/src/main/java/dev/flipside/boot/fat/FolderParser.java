package dev.flipside.boot.fat;

import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Takes the entries of a folder apart; see {@link FatFolder} for their format. */
final class FolderParser {
    private static final int END = 0;
    private static final int DELETED = 0xE5;

    private final ByteBuffer folder;
    private final List<Located> entries = new ArrayList<>();
    private String longName = "";
    private int longStart;
    private int longNext;
    private byte longChecksum;

    private FolderParser(ByteBuffer folder) {
        this.folder = folder.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * An entry and where it stands.
     *
     * @param firstOffset of its long name, or of itself where it has none
     * @param offset of the short entry
     * @param shortName as it is stored, in ISO 8859-1
     */
    record Located(FatEntry entry, int firstOffset, int offset, String shortName) {}

    static List<FatEntry> parse(ByteBuffer folder) throws FlipsideException {
        return locate(folder).stream().map(Located::entry).toList();
    }

    static List<Located> locate(ByteBuffer folder) throws FlipsideException {
        FolderParser parser = new FolderParser(folder);
        for (int at = 0; at + FatFolder.ENTRY_BYTES <= folder.capacity(); ) {
            int first = Byte.toUnsignedInt(folder.get(at));
            if (first == END) {
                break;
            }
            parser.entry(at, first);
            at += FatFolder.ENTRY_BYTES;
        }
        return List.copyOf(parser.entries);
    }

    private void entry(int at, int first) throws FlipsideException {
        int attributes = Byte.toUnsignedInt(folder.get(at + 11)) & 0x3F;
        if (first == DELETED) {
            longNext = 0;
        } else if (attributes == FatFolder.LONG_NAME) {
            longPart(at, first);
        } else {
            if ((attributes & FatFolder.LABEL) == 0) {
                add(at, first, (attributes & FatFolder.FOLDER) != 0);
            }
            longNext = 0;
            longName = "";
        }
    }

    private void longPart(int at, int first) {
        int number = first & 0x1F;
        byte checksum = folder.get(at + 13);
        boolean starts = (first & LongName.LAST) != 0;
        if (starts && number >= 1 && number <= LongName.MAX_ENTRIES) {
            longName = LongName.decode(folder, at);
            longStart = at;
            longChecksum = checksum;
            longNext = number - 1;
        } else if (!starts && number >= 1 && number == longNext && checksum == longChecksum) {
            longName = LongName.decode(folder, at) + longName;
            longNext = number - 1;
        } else {
            longName = "";
            longNext = 0;
        }
    }

    private void add(int at, int first, boolean isFolder) throws FlipsideException {
        byte[] shortName = new byte[ShortName.BYTES];
        folder.get(at, shortName);
        if (first == 0x05) {
            shortName[0] = (byte) DELETED;
        }
        if (shortName[0] == '.') {
            return;
        }
        String latin = new String(shortName, StandardCharsets.ISO_8859_1);
        boolean hasLong =
                longNext == 0 && !longName.isEmpty() && longChecksum == ShortName.checksum(latin);
        String name =
                hasLong
                        ? longName
                        : ShortName.display(shortName, Byte.toUnsignedInt(folder.get(at + 12)));
        if (name.isEmpty()
                || name.equals(".")
                || name.equals("..")
                || name.chars().anyMatch(c -> c < ' ' || c == '/' || c == '\\')) {
            throw FatReader.malformed("a name for each file", "'%s'".formatted(name));
        }
        long cluster =
                (Short.toUnsignedLong(folder.getShort(at + 20)) << 16)
                        | Short.toUnsignedLong(folder.getShort(at + 26));
        long size = Integer.toUnsignedLong(folder.getInt(at + 28));
        FatEntry entry = new FatEntry(name, isFolder, isFolder ? 0 : size, cluster);
        entries.add(new Located(entry, hasLong ? longStart : at, at, latin));
    }
}
