package dev.flipside.builder.shape;

import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeAttributes;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A root file system with the files of a folder, or of an archive, laid over it.
 *
 * <p>A file takes the place of a file; a directory that is there keeps its owner, permissions and
 * time. What comes from a folder belongs to root and has the newest time of the root file system,
 * since a checkout has nothing better to say; what comes from an archive is as the archive says.
 */
final class Overlay implements RootFileSystem {
    private static final ByteString SLASH = ByteString.utf8("/");

    private final RootFileSystem base;
    private final RootFileSystem over;
    private final String name;
    private final boolean fromFolder;
    private final Map<Inode, Inode> adopted = new HashMap<>();
    private final FileTree tree;
    private final Set<Inode> kept;

    /**
     * Lays files over others.
     *
     * @param path where they come from
     */
    Overlay(RootFileSystem base, RootFileSystem over, Path path) throws FlipsideException {
        this.base = base;
        this.over = over;
        this.name = path.toString();
        this.fromFolder = Files.isDirectory(path);
        this.tree =
                new FileTree(merge(ByteString.utf8(""), base.tree().root(), over.tree().root()));
        this.kept = new HashSet<>(tree.inodes());
    }

    private Inode merge(ByteString path, Inode below, Inode above) throws FlipsideException {
        SortedMap<ByteString, Inode> entries = new TreeMap<>(entries(below));
        for (Map.Entry<ByteString, Inode> entry : entries(above).entrySet()) {
            ByteString at = path.concat(SLASH).concat(entry.getKey());
            Inode there = entries.get(entry.getKey());
            Inode here = entry.getValue();
            if (there != null && there.isDirectory() != here.isDirectory()) {
                throw refused(at, there, here);
            }
            boolean both = there != null && there.isDirectory();
            entries.put(entry.getKey(), both ? merge(at, there, here) : adopt(here));
        }
        return new Inode(below.attributes(), new InodeKind.Directory(entries));
    }

    private static SortedMap<ByteString, Inode> entries(Inode directory) {
        return ((InodeKind.Directory) directory.kind()).entries();
    }

    private Inode adopt(Inode inode) {
        Inode known = adopted.get(inode);
        if (known != null) {
            return known;
        }
        InodeKind kind = inode.kind();
        if (kind instanceof InodeKind.Directory directory) {
            SortedMap<ByteString, Inode> entries = new TreeMap<>();
            directory.entries().forEach((entry, child) -> entries.put(entry, adopt(child)));
            kind = new InodeKind.Directory(entries);
        }
        InodeAttributes attributes =
                fromFolder
                        ? InodeAttributes.ofRoot(
                                inode.attributes().permissions(), base.newestChange())
                        : inode.attributes();
        Inode own = new Inode(attributes, kind);
        adopted.put(inode, own);
        return own;
    }

    /** A directory must not hide what is behind a link, as {@code /lib} is, nor a whole tree. */
    private FlipsideException refused(ByteString path, Inode there, Inode here) {
        String expected = here.isDirectory() ? "a directory" : "no directory";
        String found =
                switch (there.kind()) {
                    case InodeKind.Directory _ -> "a directory";
                    case InodeKind.Symlink(ByteString target) ->
                            "a symbolic link to '" + target + "'";
                    case InodeKind.RegularFile _,
                            InodeKind.CharacterDevice _,
                            InodeKind.BlockDevice _,
                            InodeKind.Fifo _,
                            InodeKind.Socket _ ->
                            "something else";
                };
        return new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                "overlay '" + name + "' at '" + path + "'",
                expected + " there in the root file system",
                found,
                there.kind() instanceof InodeKind.Symlink
                        ? "lay the files where the link leads"
                        : "exclude what is there first");
    }

    @Override
    public FileTree tree() {
        return tree;
    }

    @Override
    public Instant newestChange() {
        Instant own = over.newestChange();
        return fromFolder || own.isBefore(base.newestChange()) ? base.newestChange() : own;
    }

    @Override
    public void forEachContent(ContentSink sink) throws IOException, FlipsideException {
        base.forEachContent(
                (file, bytes) -> {
                    if (kept.contains(file)) {
                        sink.accept(file, bytes);
                    }
                });
        over.forEachContent((file, bytes) -> sink.accept(adopted.get(file), bytes));
    }
}
