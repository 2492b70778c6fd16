package dev.flipside.builder.rootfs;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** A root file system in a tar archive, plain or compressed, read twice from front to back. */
final class TarRootFileSystem implements RootFileSystem {
    private final Path archive;
    private final TarRefusal refusal;
    private final TarPasses passes;
    private final PaxKeys keys = new PaxKeys();
    private final TreeAssembly.Assembled assembled;

    TarRootFileSystem(Path archive) throws IOException, FlipsideException {
        this.archive = archive;
        this.refusal = new TarRefusal(archive.toString());
        this.passes = new TarPasses(refusal, MetadataBudget.ofHeap(archive.toString()));
        TreeAssembly assembly = new TreeAssembly(refusal);
        try (InputStream in = openArchive()) {
            passes.read(in, keys, new Assembling(assembly));
        }
        this.assembled = assembly.assembled();
        passes.keep(new HashSet<>(tree().inodes()));
    }

    private record Assembling(TreeAssembly assembly) implements TarPasses.EntrySink {
        @Override
        public void node(TarEntry entry, Inode inode) throws FlipsideException {
            assembly.put(entry.path(), inode);
        }

        @Override
        public void directory(TarEntry entry) throws FlipsideException {
            assembly.putDirectory(entry.path(), entry.attributes());
        }

        @Override
        public void hardLink(TarEntry entry, TarEntry.Content.HardLink link)
                throws FlipsideException {
            assembly.link(entry.path(), link.target());
        }
    }

    /** What the archive says that an image cannot hold. */
    void report(Consumer<InputNotice> notices) {
        keys.report(archive.toString(), notices);
    }

    @Override
    public FileTree tree() {
        return assembled.tree();
    }

    @Override
    public Instant newestChange() {
        return assembled.newestChange();
    }

    @Override
    public void forEachContent(ContentSink sink) throws IOException, FlipsideException {
        try (InputStream in = openArchive()) {
            passes.forEachContent(in, sink);
        }
    }

    /** Hands out some of the files, in the order in which they stand in the archive. */
    void forEachContentOf(Set<Inode> wanted, ContentSink sink)
            throws IOException, FlipsideException {
        forEachContent(
                (file, bytes) -> {
                    if (wanted.contains(file)) {
                        sink.accept(file, bytes);
                    }
                });
    }

    private InputStream openArchive() throws IOException, FlipsideException {
        return ArchiveStream.open(Files.newInputStream(archive), refusal);
    }
}
