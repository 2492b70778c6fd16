package dev.flipside.boot.fat;

import dev.flipside.boot.fat.FolderParser.Located;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A folder of a volume that is changed in place.
 *
 * <p>Invariant: a name appears, changes what it stands for, or goes with the write of its short
 * entry, which lies in one sector. The long name is durable before the short entry that it belongs
 * to; a long name alone is no entry.
 */
final class OpenFolder {
    private static final byte DELETED = (byte) 0xE5;
    private static final int MAX_FOLDER_BYTES = 65_536 * FatFolder.ENTRY_BYTES;

    private final BlockDevice device;
    private final FatGeometry geometry;
    private final FatTable table;
    private final Instant time;
    private int[] chain;
    private ByteBuffer bytes;

    private OpenFolder(
            BlockDevice device, FatGeometry geometry, FatTable table, Instant time, int[] chain) {
        this.device = device;
        this.geometry = geometry;
        this.table = table;
        this.time = time;
        this.chain = chain;
    }

    static OpenFolder read(
            BlockDevice device,
            FatGeometry geometry,
            FatTable table,
            Instant time,
            long firstCluster)
            throws IOException, FlipsideException {
        int cluster = geometry.clusterSizeBytes();
        int[] chain = table.chain(firstCluster, Math.max(1, MAX_FOLDER_BYTES / cluster));
        if (chain.length == 0) {
            throw FatReader.malformed("a folder", "one without clusters");
        }
        OpenFolder folder = new OpenFolder(device, geometry, table, time, chain);
        folder.bytes = ByteBuffer.allocate(chain.length * cluster).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < chain.length; i++) {
            device.read(
                    folder.bytes.slice(i * cluster, cluster),
                    geometry.clusterOffsetBytes(chain[i]));
        }
        return folder;
    }

    List<Located> entries() throws FlipsideException {
        return FolderParser.locate(bytes);
    }

    Optional<Located> find(String name) throws FlipsideException {
        return entries().stream()
                .filter(located -> located.entry().name().equalsIgnoreCase(name))
                .findFirst();
    }

    long firstCluster() {
        return chain[0];
    }

    /** Adds a name that is not there yet. */
    void add(String name, int attributes, long firstCluster, long sizeBytes)
            throws IOException, FlipsideException {
        if (!LongName.isValid(name)) {
            throw new IllegalArgumentException("name '%s'".formatted(name));
        }
        Set<String> taken = entries().stream().map(Located::shortName).collect(Collectors.toSet());
        String shortName = ShortName.choose(name, taken);
        int longEntries = ShortName.isPlain(name) ? 0 : LongName.entries(name);
        int start = room(longEntries + 1);
        ByteBuffer entries =
                ByteBuffer.allocate((longEntries + 1) * FatFolder.ENTRY_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        if (longEntries > 0) {
            LongName.encode(entries, name, ShortName.checksum(shortName));
        }
        FatFolder.short11(
                entries,
                shortName.getBytes(StandardCharsets.ISO_8859_1),
                attributes,
                time,
                firstCluster,
                sizeBytes);
        int longBytes = longEntries * FatFolder.ENTRY_BYTES;
        if (longBytes > 0) {
            put(entries.slice(0, longBytes), start);
            device.flush();
        }
        put(entries.slice(longBytes, FatFolder.ENTRY_BYTES), start + longBytes);
        device.flush();
    }

    /** Lets a name stand for other contents. */
    void point(Located located, long firstCluster, long sizeBytes) throws IOException {
        ByteBuffer entry =
                ByteBuffer.allocate(FatFolder.ENTRY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        FatFolder.short11(
                entry,
                located.shortName().getBytes(StandardCharsets.ISO_8859_1),
                FatFolder.ARCHIVE,
                time,
                firstCluster,
                sizeBytes);
        // The flags of letters in lower case belong to the name.
        entry.put(12, bytes.get(located.offset() + 12));
        put(entry.rewind(), located.offset());
        device.flush();
    }

    void remove(Located located) throws IOException {
        mark(located.offset());
        device.flush();
        for (int at = located.firstOffset(); at < located.offset(); at += FatFolder.ENTRY_BYTES) {
            mark(at);
        }
        device.flush();
    }

    private void mark(int offset) throws IOException {
        put(ByteBuffer.wrap(new byte[] {DELETED}), offset);
    }

    /** Where so many entries in a row are free; the folder grows where none are. */
    private int room(int count) throws IOException, FlipsideException {
        int free = 0;
        int end = bytes.capacity();
        for (int at = 0; at < bytes.capacity(); at += FatFolder.ENTRY_BYTES) {
            end = bytes.get(at) == 0 ? Math.min(end, at) : end;
            free = bytes.get(at) == DELETED || at >= end ? free + 1 : 0;
            if (free == count) {
                endAfter(at + FatFolder.ENTRY_BYTES, end);
                return at - (count - 1) * FatFolder.ENTRY_BYTES;
            }
        }
        grow(end);
        return room(count);
    }

    // Nothing is promised about what follows the mark of the end, which the new entries cover.
    private void endAfter(int next, int end) throws IOException {
        if (next > end && next < bytes.capacity()) {
            put(ByteBuffer.allocate(FatFolder.ENTRY_BYTES), next);
            device.flush();
        }
    }

    private void grow(int end) throws IOException, FlipsideException {
        int cluster = geometry.clusterSizeBytes();
        if (bytes.capacity() + cluster > MAX_FOLDER_BYTES) {
            throw FatReader.malformed(
                    "folders of at most %d bytes".formatted(MAX_FOLDER_BYTES), "a full one");
        }
        for (int at = end; at < bytes.capacity(); at += FatFolder.ENTRY_BYTES) {
            put(ByteBuffer.allocate(FatFolder.ENTRY_BYTES), at);
        }
        int[] more = table.findFree(1, 1);
        device.write(ByteBuffer.allocate(cluster), geometry.clusterOffsetBytes(more[0]));
        device.flush();
        table.link(more);
        table.join(chain[chain.length - 1], more[0]);
        chain = java.util.Arrays.copyOf(chain, chain.length + 1);
        chain[chain.length - 1] = more[0];
        bytes =
                ByteBuffer.allocate(bytes.capacity() + cluster)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(0, bytes, 0, bytes.capacity());
    }

    private void put(ByteBuffer content, int offset) throws IOException {
        bytes.put(offset, content, content.position(), content.remaining());
        int cluster = geometry.clusterSizeBytes();
        int at = offset;
        while (content.hasRemaining()) {
            int length = Math.min(content.remaining(), cluster - at % cluster);
            device.write(
                    content.slice(content.position(), length),
                    geometry.clusterOffsetBytes(chain[at / cluster]) + at % cluster);
            content.position(content.position() + length);
            at += length;
        }
    }
}
