package dev.flipside.builder.rootfs;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FlipsideException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A root file system in a tar archive, read twice from front to back.
 *
 * <p>Invariant: {@code contents} maps the number of an entry in the archive to the file whose bytes
 * it holds; entries that a later one replaced are not in it.
 */
final class TarRootFileSystem implements RootFileSystem {
    private static final int BUFFER_BYTES = 1 << 15;

    /** The first bytes of what a tar may be packed in. */
    private static final Map<String, String> COMPRESSIONS =
            Map.of("1f8b", "gzip", "fd377a58", "xz", "28b52ffd", "zstd", "425a68", "bzip2");

    private final Path archive;
    private final TarRefusal refusal;
    private final Map<Long, Inode> contents = new HashMap<>();
    private final FileTree tree;
    private final Instant newestChange;

    TarRootFileSystem(Path archive) throws IOException, FlipsideException {
        this.archive = archive;
        this.refusal = new TarRefusal(archive.toString());
        requirePlain();
        TreeAssembly assembly = new TreeAssembly(refusal);
        try (InputStream in = openArchive()) {
            TarReader reader = new TarReader(in, refusal);
            long number = 0;
            for (Optional<TarEntry> next = reader.next();
                    next.isPresent();
                    next = reader.next(), number++) {
                put(assembly, next.get(), number);
            }
        }
        this.tree = assembly.tree();
        this.newestChange = assembly.newestChange();
        Set<Inode> kept = new HashSet<>(tree.inodes());
        contents.values().removeIf(inode -> !kept.contains(inode));
    }

    @Override
    public FileTree tree() {
        return tree;
    }

    @Override
    public Instant newestChange() {
        return newestChange;
    }

    @Override
    public void forEachContent(ContentSink sink) throws IOException, FlipsideException {
        int found = 0;
        try (InputStream in = openArchive()) {
            TarReader reader = new TarReader(in, refusal);
            long number = 0;
            for (Optional<TarEntry> next = reader.next();
                    next.isPresent();
                    next = reader.next(), number++) {
                Inode file = contents.get(number);
                if (file != null) {
                    requireUnchanged(file, next.get());
                    sink.accept(file, reader.content());
                    found++;
                }
            }
        } catch (TarReader.Truncated e) {
            throw refusal.changed("the end of the file in " + e.getMessage());
        }
        if (found < contents.size()) {
            throw refusal.changed(found + " of " + contents.size() + " files");
        }
    }

    private void put(TreeAssembly assembly, TarEntry entry, long number) throws FlipsideException {
        switch (entry.content()) {
            case TarEntry.Content.Directory() ->
                    assembly.putDirectory(entry.path(), entry.attributes());
            case TarEntry.Content.HardLink(var target) -> assembly.link(entry.path(), target);
            case TarEntry.Content.Node(InodeKind kind) -> {
                Inode inode = new Inode(entry.attributes(), kind);
                assembly.put(entry.path(), inode);
                if (entry.sizeBytes() > 0) {
                    contents.put(number, inode);
                }
            }
        }
    }

    private void requirePlain() throws IOException, FlipsideException {
        byte[] start;
        try (InputStream in = openArchive()) {
            start = in.readNBytes(4);
        }
        String magic = HexFormat.of().formatHex(start);
        for (Map.Entry<String, String> compression : COMPRESSIONS.entrySet()) {
            if (magic.startsWith(compression.getKey())) {
                throw refusal.compressed(compression.getValue());
            }
        }
    }

    private void requireUnchanged(Inode file, TarEntry entry) throws FlipsideException {
        if (!(file.kind() instanceof InodeKind.RegularFile regular)
                || regular.sizeBytes() != entry.sizeBytes()) {
            throw refusal.changed(TarRefusal.entry(entry.path()) + " of another size");
        }
    }

    private InputStream openArchive() throws IOException {
        return new BufferedInputStream(Files.newInputStream(archive), BUFFER_BYTES);
    }
}
