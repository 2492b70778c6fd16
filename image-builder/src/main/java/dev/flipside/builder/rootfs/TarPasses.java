package dev.flipside.builder.rootfs;

import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The two passes over one tar archive: the first one meets every entry, the second one hands out
 * the contents of those files that are still wanted.
 *
 * <p>Invariant: {@code contents} has, by the number of an entry in the archive, the file whose
 * bytes it holds, or null. It ends with the last such file.
 */
final class TarPasses {
    private final TarRefusal refusal;
    private final MetadataBudget budget;
    private final List<Inode> contents = new ArrayList<>();

    TarPasses(TarRefusal refusal, MetadataBudget budget) {
        this.refusal = refusal;
        this.budget = budget;
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
            int number = 0;
            for (Optional<TarEntry> next = reader.next();
                    next.isPresent();
                    next = reader.next(), number++) {
                put(counted(next.get()), number, sink);
            }
        } catch (TarReader.Truncated e) {
            throw refusal.truncated(e.getMessage());
        } catch (ArchiveStream.Undecodable e) {
            throw refusal.undecodable(e);
        }
    }

    private TarEntry counted(TarEntry entry) throws FlipsideException {
        return entry.withAttributes(budget.take(entry.attributes(), entry.nameBytes()));
    }

    private void put(TarEntry entry, int number, EntrySink sink) throws FlipsideException {
        switch (entry.content()) {
            case TarEntry.Content.Directory() -> sink.directory(entry);
            case TarEntry.Content.HardLink link -> sink.hardLink(entry, link);
            case TarEntry.Content.Node(InodeKind kind) -> {
                Inode inode = new Inode(entry.attributes(), kind);
                sink.node(entry, inode);
                if (entry.fileBytes() > 0) {
                    while (contents.size() < number) {
                        contents.add(null);
                    }
                    contents.add(inode);
                }
            }
        }
    }

    /** Forgets the contents of files that others replaced. */
    void keep(Set<Inode> inodes) {
        contents.replaceAll(inode -> inodes.contains(inode) ? inode : null);
    }

    boolean hasContents() {
        return contents.stream().anyMatch(Objects::nonNull);
    }

    /** The second pass, over the same bytes: every file that was kept, once. */
    void forEachContent(InputStream archive, RootFileSystem.ContentSink sink)
            throws IOException, FlipsideException {
        long found = 0;
        try {
            TarReader reader = new TarReader(archive, refusal, new PaxKeys());
            int number = 0;
            for (Optional<TarEntry> next = reader.next();
                    next.isPresent();
                    next = reader.next(), number++) {
                Inode file = number < contents.size() ? contents.get(number) : null;
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
        long expected = contents.stream().filter(Objects::nonNull).count();
        if (found < expected) {
            throw refusal.changed(found + " of " + expected + " files");
        }
    }

    private void requireUnchanged(Inode file, TarEntry entry) throws FlipsideException {
        if (!(file.kind() instanceof InodeKind.RegularFile regular)
                || regular.sizeBytes() != entry.fileBytes()) {
            throw refusal.changed(TarRefusal.entry(entry.path()) + " of another size");
        }
    }
}
