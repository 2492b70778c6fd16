package dev.flipside.boot.fat;

import dev.flipside.format.RandomAccess;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A folder of a volume that is being written: 32-byte entries (Microsoft FAT specification 1.03,
 * section 6), little-endian: 0 short name, 11 attributes, 13 to 19 times, 20 and 26 first cluster,
 * 22 time, 24 date, 28 size.
 */
final class FatFolder {
    static final int ENTRY_BYTES = 32;
    static final int LABEL = 0x08;
    static final int FOLDER = 0x10;
    static final int ARCHIVE = 0x20;
    static final int LONG_NAME = 0x0F;

    private static final LocalDateTime FIRST = LocalDateTime.of(1980, 1, 1, 0, 0);
    private static final LocalDateTime LAST = LocalDateTime.of(2107, 12, 31, 23, 59, 58);

    final Map<String, FatFolder> folders = new TreeMap<>();
    final Map<String, File> files = new TreeMap<>();

    /** The first cluster of the folder itself. */
    long firstCluster;

    /** A file of the folder, and where it is put. */
    static final class File {
        final RandomAccess content;
        long firstCluster;

        File(RandomAccess content) {
            this.content = content;
        }
    }

    FatFolder folder(String name) {
        if (!folders.containsKey(name)) {
            checkFree(name);
        }
        return folders.computeIfAbsent(name, missing -> new FatFolder());
    }

    void file(String name, RandomAccess content) {
        checkFree(name);
        files.put(name, new File(content));
    }

    int sizeBytes(boolean root) {
        int entries = root ? 1 : 2;
        for (String name : names()) {
            entries += 1 + (ShortName.isPlain(name) ? 0 : LongName.entries(name));
        }
        return entries * ENTRY_BYTES;
    }

    /** The contents of the root folder, which starts with the label. */
    ByteBuffer encodeRoot(String label, Instant time, int sizeBytes) {
        ByteBuffer out = ByteBuffer.allocate(sizeBytes).order(ByteOrder.LITTLE_ENDIAN);
        short11(out, BootSector.ascii(label, ShortName.BYTES), LABEL, time, 0, 0);
        return encodeNames(out, time);
    }

    /** The contents of any other folder; {@code parentCluster} is 0 when that is the root. */
    ByteBuffer encode(long parentCluster, Instant time, int sizeBytes) {
        ByteBuffer out = ByteBuffer.allocate(sizeBytes).order(ByteOrder.LITTLE_ENDIAN);
        short11(out, BootSector.ascii(".", ShortName.BYTES), FOLDER, time, firstCluster, 0);
        short11(out, BootSector.ascii("..", ShortName.BYTES), FOLDER, time, parentCluster, 0);
        return encodeNames(out, time);
    }

    private ByteBuffer encodeNames(ByteBuffer out, Instant time) {
        Set<String> taken = new HashSet<>();
        for (String name : names()) {
            String shortName = ShortName.choose(name, taken);
            taken.add(shortName);
            if (!ShortName.isPlain(name)) {
                LongName.encode(out, name, ShortName.checksum(shortName));
            }
            byte[] bytes = shortName.getBytes(StandardCharsets.US_ASCII);
            File file = files.get(name);
            if (file == null) {
                short11(out, bytes, FOLDER, time, folders.get(name).firstCluster, 0);
            } else {
                long size = file.content.sizeBytes();
                short11(out, bytes, ARCHIVE, time, file.firstCluster, size);
            }
        }
        return out.rewind();
    }

    private Iterable<String> names() {
        Set<String> names = new TreeSet<>(folders.keySet());
        names.addAll(files.keySet());
        return names;
    }

    // Names that differ in case only are one name to every reader.
    private void checkFree(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (String other : names()) {
            if (other.toLowerCase(Locale.ROOT).equals(lower)) {
                throw new IllegalArgumentException("'%s' and '%s'".formatted(name, other));
            }
        }
        if (!LongName.isValid(name)) {
            throw new IllegalArgumentException("name '%s'".formatted(name));
        }
    }

    static void short11(
            ByteBuffer out, byte[] name, int attributes, Instant time, long cluster, long size) {
        LocalDateTime utc = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
        LocalDateTime kept = utc.isBefore(FIRST) ? FIRST : utc.isAfter(LAST) ? LAST : utc;
        short date =
                (short)
                        ((kept.getYear() - 1980) << 9
                                | kept.getMonthValue() << 5
                                | kept.getDayOfMonth());
        short clock = (short) (kept.getHour() << 11 | kept.getMinute() << 5 | kept.getSecond() / 2);
        out.put(name).put((byte) attributes).put((byte) 0);
        out.put((byte) (kept.getSecond() % 2 * 100)).putShort(clock).putShort(date);
        out.putShort(date).putShort((short) (cluster >>> 16)).putShort(clock).putShort(date);
        out.putShort((short) cluster).putInt((int) size);
    }
}
