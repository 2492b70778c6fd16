package dev.flipside.builder.rootfs;

import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The two passes over one tar archive: the first one meets every entry, the second one hands out
 * the contents of those files that are still wanted.
 *
 * <p>Invariant: {@code contents} maps the number of an entry in the archive to the file whose bytes
 * it holds.
 */
final class TarPasses {
    private final TarRefusal refusal;
    private final Map<Long, Inode> contents = new HashMap<>();

    TarPasses(TarRefusal refusal) {
        this.refusal = refusal;
    }

    /** Takes the entries, with the inode that each of them makes. */
    interface EntrySink {
        void node(TarEntry entry, Inode inode) throws FlipsideException;

        void directory(TarEntry entry) throws FlipsideException;

        void hardLink(TarEntry entry, TarEntry.Content.HardLink link) throws FlipsideException;
    }

    /** The first pass, to the end of the archive. */
    void read(InputStream archive, PaxKeys keys, EntrySink sink)
            throws IOException, FlipsideException {
        try {
            TarReader reader = new TarReader(archive, refusal, keys);
            long number = 0;
            for (Optional<TarEntry> next = reader.next();
                    next.isPresent();
                    next = reader.next(), number++) {
                put(next.get(), number, sink);
            }
        } catch (TarReader.Truncated e) {
            throw refusal.truncated(e.getMessage());
        } catch (ArchiveStream.Undecodable e) {
            throw refusal.undecodable(e);
        }
    }

    private void put(TarEntry entry, long number, EntrySink sink) throws FlipsideException {
        switch (entry.content()) {
            case TarEntry.Content.Directory() -> sink.directory(entry);
            case TarEntry.Content.HardLink link -> sink.hardLink(entry, link);
            case TarEntry.Content.Node(InodeKind kind) -> {
                Inode inode = new Inode(entry.attributes(), kind);
                sink.node(entry, inode);
                if (entry.fileBytes() > 0) {
                    contents.put(number, inode);
                }
            }
        }
    }

    /** Forgets the contents of files that others replaced. */
    void keep(Set<Inode> inodes) {
        contents.values().removeIf(inode -> !inodes.contains(inode));
    }

    boolean hasContents() {
        return !contents.isEmpty();
    }

    /** The second pass, over the same bytes: every file that was kept, once. */
    void forEachContent(InputStream archive, RootFileSystem.ContentSink sink)
            throws IOException, FlipsideException {
        int found = 0;
        try {
            TarReader reader = new TarReader(archive, refusal, new PaxKeys());
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
        } catch (ArchiveStream.Undecodable e) {
            throw refusal.changed("'" + e.getMessage() + "'");
        }
        if (found < contents.size()) {
            throw refusal.changed(found + " of " + contents.size() + " files");
        }
    }

    private void requireUnchanged(Inode file, TarEntry entry) throws FlipsideException {
        if (!(file.kind() instanceof InodeKind.RegularFile regular)
                || regular.sizeBytes() != entry.fileBytes()) {
            throw refusal.changed(TarRefusal.entry(entry.path()) + " of another size");
        }
    }
}
