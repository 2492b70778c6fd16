package dev.flipside.boot.fat;

import dev.flipside.boot.fat.FolderParser.Located;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.DurableFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The files of a FAT32 volume (Microsoft FAT specification 1.03), changed in place on a disk that
 * no kernel has mounted.
 *
 * <p>Each change is durable in this order: contents in free clusters, their chain in both tables,
 * the one entry that names them, and only then what was replaced or removed is free. A power cut
 * leaves the old file or the new one, and at worst clusters that nobody uses. A volume that is not
 * well-formed is refused with an {@link IOException} whose cause is the {@link FlipsideException}
 * {@code esp-malformed}.
 */
public final class FatVolume implements DurableFolder {
    private static final int APPEND_BYTES = 1 << 24;
    private static final int MAX_DEPTH = 16;
    private static final Pattern TEMPORARY = Pattern.compile("\\.tmp-[0-9]+");

    private final BlockDevice device;
    private final FatGeometry geometry;
    private final FatTable table;
    private final long rootCluster;
    private final Instant time;

    private FatVolume(BlockDevice device, FatGeometry geometry, long rootCluster, Instant time) {
        this.device = device;
        this.geometry = geometry;
        this.table = new FatTable(device, geometry);
        this.rootCluster = rootCluster;
        this.time = time;
    }

    /**
     * Opens the volume that fills a partition.
     *
     * @param time of all that is written
     */
    public static FatVolume open(BlockDevice partition, Instant time)
            throws IOException, FlipsideException {
        ByteBuffer sector = ByteBuffer.allocate(BootSector.MIN_BYTES);
        partition.read(sector, 0);
        return new FatVolume(
                partition,
                BootSector.decode(sector, partition.sizeBytes()),
                BootSector.rootCluster(sector),
                time);
    }

    /** A step that may find the volume malformed, which this interface cannot say. */
    @FunctionalInterface
    private interface Step<T> {
        T run() throws IOException, FlipsideException;
    }

    private static <T> T checked(Step<T> step) throws IOException {
        try {
            return step.run();
        } catch (FlipsideException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public Optional<byte[]> read(String path, int maxBytes) throws IOException {
        Optional<Long> size = sizeBytes(path);
        if (size.isEmpty()) {
            return Optional.empty();
        }
        if (size.get() > maxBytes) {
            throw DurableFolder.refused(
                    path, "expected at most %d bytes, found %d".formatted(maxBytes, size.get()));
        }
        ByteBuffer content = ByteBuffer.allocate((int) (long) size.get());
        try (SeekableByteChannel in = open(path)) {
            in.read(content);
        }
        return Optional.of(content.array());
    }

    @Override
    public SeekableByteChannel open(String path) throws IOException {
        return checked(
                () -> {
                    FatEntry file = file(path).orElseThrow(() -> DurableFolder.missing(path));
                    long clusters =
                            Math.ceilDiv(file.sizeBytes(), (long) geometry.clusterSizeBytes());
                    int[] chain = table.chain(file.firstCluster(), geometry.clusters());
                    if (chain.length < clusters) {
                        throw FatReader.malformed(
                                "%d clusters for '%s'".formatted(clusters, path),
                                Integer.toString(chain.length));
                    }
                    return new FatFileChannel(device, geometry, chain, file.sizeBytes());
                });
    }

    @Override
    public List<String> list(String path) throws IOException {
        FatPath.checkFolder(path);
        return checked(
                () -> {
                    Optional<OpenFolder> folder = folder(path);
                    return folder.isEmpty()
                            ? List.<String>of()
                            : folder.get().entries().stream()
                                    .map(located -> located.entry().name())
                                    .sorted()
                                    .toList();
                });
    }

    @Override
    public Optional<Long> sizeBytes(String path) throws IOException {
        return checked(() -> file(path).map(FatEntry::sizeBytes));
    }

    @Override
    public void replace(String path, Content content) throws IOException {
        FatPath target = FatPath.of(path);
        checked(
                () -> {
                    FatContent written = FatContent.write(device, geometry, table, content);
                    put(madeFolder(target.folder()), target.name(), written);
                    return written;
                });
    }

    private void put(OpenFolder folder, String name, FatContent written)
            throws IOException, FlipsideException {
        Optional<Located> present = folder.find(name);
        if (present.isEmpty()) {
            folder.add(name, FatFolder.ARCHIVE, written.firstCluster(), written.sizeBytes());
            return;
        }
        requireFile(present.get());
        int[] old = table.chain(present.get().entry().firstCluster(), geometry.clusters());
        folder.point(present.get(), written.firstCluster(), written.sizeBytes());
        table.free(old);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        FatPath source = FatPath.of(from);
        FatPath target = FatPath.of(to);
        if (!source.folder().equalsIgnoreCase(target.folder())) {
            throw new IllegalArgumentException(
                    "rename of '%s' to '%s', which is in another folder".formatted(from, to));
        }
        checked(
                () -> {
                    FatEntry file = file(from).orElseThrow(() -> DurableFolder.missing(from));
                    OpenFolder folder = folder(source.folder()).orElseThrow();
                    Located renamed = folder.find(source.name()).orElseThrow();
                    if (!source.name().equalsIgnoreCase(target.name())) {
                        put(folder, target.name(), FatContent.of(file));
                        folder.remove(renamed);
                    }
                    return file;
                });
    }

    @Override
    public void remove(String path) throws IOException {
        FatPath target = FatPath.of(path);
        checked(
                () -> {
                    Optional<OpenFolder> folder = folder(target.folder());
                    Optional<Located> file =
                            folder.isEmpty() ? Optional.empty() : folder.get().find(target.name());
                    if (file.isPresent()) {
                        requireFile(file.get());
                        int[] chain =
                                table.chain(file.get().entry().firstCluster(), geometry.clusters());
                        folder.get().remove(file.get());
                        table.free(chain);
                    }
                    return file;
                });
    }

    @Override
    public void append(String path, byte[] bytes) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(read(path, APPEND_BYTES).orElse(new byte[0]));
        whole.writeBytes(bytes);
        replace(path, out -> whole.writeTo(Channels.newOutputStream(out)));
    }

    @Override
    public long usableBytes() throws IOException {
        return table.freeClusters() * geometry.clusterSizeBytes();
    }

    @Override
    public int sweepTemporaryFiles() throws IOException {
        return sweep("", 0);
    }

    private int sweep(String path, int depth) throws IOException {
        int swept = 0;
        for (String name : depth > MAX_DEPTH ? List.<String>of() : list(path)) {
            String inner = path.isEmpty() ? name : path + "/" + name;
            if (sizeBytes(inner).isEmpty()) {
                swept += sweep(inner, depth + 1);
            } else if (TEMPORARY.matcher(name).matches()) {
                remove(inner);
                swept++;
            }
        }
        return swept;
    }

    private Optional<FatEntry> file(String path) throws IOException, FlipsideException {
        FatPath target = FatPath.of(path);
        Optional<OpenFolder> folder = folder(target.folder());
        return folder.isEmpty()
                ? Optional.empty()
                : folder.get()
                        .find(target.name())
                        .map(Located::entry)
                        .filter(entry -> !entry.folder());
    }

    private OpenFolder root() throws IOException, FlipsideException {
        return open(rootCluster);
    }

    private OpenFolder open(long firstCluster) throws IOException, FlipsideException {
        return OpenFolder.read(device, geometry, table, time, firstCluster);
    }

    private Optional<OpenFolder> folder(String path) throws IOException, FlipsideException {
        OpenFolder folder = root();
        for (String name : FatPath.names(path)) {
            Optional<Located> inner = folder.find(name);
            if (inner.isEmpty() || !inner.get().entry().folder()) {
                return Optional.empty();
            }
            folder = open(inner.get().entry().firstCluster());
        }
        return Optional.of(folder);
    }

    private OpenFolder madeFolder(String path) throws IOException, FlipsideException {
        OpenFolder folder = root();
        for (String name : FatPath.names(path)) {
            Optional<Located> inner = folder.find(name);
            if (inner.isPresent() && !inner.get().entry().folder()) {
                throw DurableFolder.refused(path, "expected a folder, found a file");
            }
            folder =
                    open(
                            inner.isPresent()
                                    ? inner.get().entry().firstCluster()
                                    : makeFolder(folder, name));
        }
        return folder;
    }

    private long makeFolder(OpenFolder parent, String name) throws IOException, FlipsideException {
        int[] cluster = table.findFree(1, 1);
        FatFolder made = new FatFolder();
        made.firstCluster = cluster[0];
        long parentCluster = parent.firstCluster() == rootCluster ? 0 : parent.firstCluster();
        device.write(
                made.encode(parentCluster, time, geometry.clusterSizeBytes()),
                geometry.clusterOffsetBytes(cluster[0]));
        device.flush();
        table.link(cluster);
        parent.add(name, FatFolder.FOLDER, cluster[0], 0);
        return cluster[0];
    }

    private static void requireFile(Located located) throws IOException {
        if (located.entry().folder()) {
            throw DurableFolder.refused(located.entry().name(), "expected a file, found a folder");
        }
    }
}
