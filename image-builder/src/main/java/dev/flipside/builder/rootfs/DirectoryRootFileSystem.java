package dev.flipside.builder.rootfs;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeAttributes;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.platform.NativeFileAttributes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A root file system that lies in a directory, with the owners, times, attributes and devices that
 * its files have there.
 *
 * <p>What is mounted below the directory is part of it.
 */
final class DirectoryRootFileSystem implements RootFileSystem {
    private final Path directory;
    private final FileTree tree;
    private final Instant newestChange;

    DirectoryRootFileSystem(Path directory) throws IOException, FlipsideException {
        try (NativeFileAttributes nativeAttributes = new NativeFileAttributes()) {
            Scan scan = new Scan(nativeAttributes, MetadataBudget.ofHeap(directory.toString()));
            Path root = directory.toRealPath();
            this.directory = root;
            this.tree = new FileTree(scan.inode(root, NativeFileAttributes.bytesOf(root)));
            this.newestChange = scan.newestChange;
        }
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
        new SecondPass(tree, sink).directory(directory, tree.root());
    }

    /** In path order, and so in the order of the image; paths of files are not kept in memory. */
    private record SecondPass(FileTree tree, ContentSink sink, Set<Inode> linked) {
        SecondPass(FileTree tree, ContentSink sink) {
            this(tree, sink, new HashSet<>());
        }

        void directory(Path path, Inode inode) throws IOException, FlipsideException {
            if (!(inode.kind() instanceof InodeKind.Directory(var entries))) {
                throw new IllegalArgumentException("not a directory");
            }
            SortedMap<ByteString, Path> children = children(path);
            for (Map.Entry<ByteString, Inode> entry : entries.entrySet()) {
                Path child = children.get(entry.getKey());
                if (child == null) {
                    throw changed(path, "'" + entry.getKey() + "' in it", "nothing");
                }
                switch (entry.getValue().kind()) {
                    case InodeKind.Directory _ -> directory(child, entry.getValue());
                    case InodeKind.RegularFile(long sizeBytes) -> {
                        if (sizeBytes > 0 && isFirstName(entry.getValue())) {
                            file(child, entry.getValue(), sizeBytes);
                        }
                    }
                    case InodeKind.Symlink _,
                            InodeKind.CharacterDevice _,
                            InodeKind.BlockDevice _,
                            InodeKind.Fifo _,
                            InodeKind.Socket _ -> {}
                }
            }
        }

        private boolean isFirstName(Inode inode) {
            return tree.linkCount(inode) == 1 || linked.add(inode);
        }

        private void file(Path path, Inode inode, long sizeBytes)
                throws IOException, FlipsideException {
            try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
                long found = Files.size(path);
                if (found != sizeBytes) {
                    throw changed(path, sizeBytes + " bytes", found + " bytes");
                }
                sink.accept(inode, in);
            }
        }

        private static FlipsideException changed(Path path, String expected, String found) {
            return new FlipsideException(
                    FailureCode.INPUT_CHANGED,
                    path.toString(),
                    expected,
                    found,
                    "leave the directory alone while an image is built from it");
        }
    }

    private static SortedMap<ByteString, Path> children(Path directory) throws IOException {
        SortedMap<ByteString, Path> children = new TreeMap<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path child : stream) {
                children.put(nameOf(child), child);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return children;
    }

    /** The escaped form costs a system call, which names in ASCII can do without. */
    private static ByteString nameOf(Path path) {
        String text = path.getFileName().toString();
        if (text.chars().allMatch(c -> c < 0x80)) {
            return ByteString.utf8(text);
        }
        byte[] bytes = NativeFileAttributes.bytesOf(path);
        int start = bytes.length;
        while (bytes[start - 1] != '/') {
            start--;
        }
        return ByteString.of(bytes, start, bytes.length);
    }

    private record FileId(long device, long inode) {}

    /** One walk over the directory. Its recursion is bounded by PATH_MAX: 2048 levels. */
    private static final class Scan {
        private final NativeFileAttributes nativeAttributes;
        private final MetadataBudget budget;
        private final Map<FileId, Inode> linked = new HashMap<>();
        private Instant newestChange = Instant.MIN;

        Scan(NativeFileAttributes nativeAttributes, MetadataBudget budget) {
            this.nativeAttributes = nativeAttributes;
            this.budget = budget;
        }

        Inode inode(Path path, byte[] pathBytes) throws IOException, FlipsideException {
            UnixStatus status = UnixStatus.of(path);
            FileId id = new FileId(status.device(), status.inode());
            boolean hasOtherNames = status.linkCount() > 1 && !status.isDirectory();
            if (hasOtherNames && linked.containsKey(id)) {
                return linked.get(id);
            }
            InodeKind kind = kind(path, pathBytes, status);
            InodeAttributes attributes =
                    budget.take(attributes(pathBytes, status), nameBytes(pathBytes, kind));
            Inode inode = new Inode(attributes, kind);
            if (hasOtherNames) {
                linked.put(id, inode);
            }
            return inode;
        }

        private static long nameBytes(byte[] path, InodeKind kind) {
            long target = kind instanceof InodeKind.Symlink(ByteString to) ? to.length() : 0;
            return path.length + target;
        }

        private InodeAttributes attributes(byte[] pathBytes, UnixStatus status) throws IOException {
            SortedMap<ByteString, ByteString> xattrs = new TreeMap<>();
            for (byte[] name : nativeAttributes.xattrNames(pathBytes)) {
                byte[] value = nativeAttributes.xattr(pathBytes, name);
                xattrs.put(ByteString.of(name), ByteString.of(value));
            }
            if (status.changed().isAfter(newestChange)) {
                newestChange = status.changed();
            }
            return new InodeAttributes(
                    status.permissions(), status.uid(), status.gid(), status.changed(), xattrs);
        }

        private InodeKind kind(Path path, byte[] pathBytes, UnixStatus status)
                throws IOException, FlipsideException {
            return switch (status.type()) {
                case UnixStatus.REGULAR_FILE -> new InodeKind.RegularFile(status.sizeBytes());
                case UnixStatus.DIRECTORY -> directory(path, pathBytes);
                case UnixStatus.SYMLINK ->
                        new InodeKind.Symlink(
                                ByteString.of(nativeAttributes.symlinkTarget(pathBytes)));
                case UnixStatus.CHARACTER_DEVICE -> {
                    requireDevice(path, status);
                    yield new InodeKind.CharacterDevice(status.major(), status.minor());
                }
                case UnixStatus.BLOCK_DEVICE -> {
                    requireDevice(path, status);
                    yield new InodeKind.BlockDevice(status.major(), status.minor());
                }
                case UnixStatus.FIFO -> new InodeKind.Fifo();
                case UnixStatus.SOCKET -> new InodeKind.Socket();
                default -> throw new IllegalStateException("st_mode " + status.type());
            };
        }

        private InodeKind directory(Path path, byte[] pathBytes)
                throws IOException, FlipsideException {
            ByteString prefix =
                    pathBytes.length == 1
                            ? ByteString.of(pathBytes)
                            : ByteString.of(pathBytes).concat(ByteString.utf8("/"));
            SortedMap<ByteString, Inode> entries = new TreeMap<>();
            for (Map.Entry<ByteString, Path> child : children(path).entrySet()) {
                byte[] childBytes = prefix.concat(child.getKey()).toByteArray();
                entries.put(child.getKey(), inode(child.getValue(), childBytes));
            }
            return new InodeKind.Directory(entries);
        }

        private static void requireDevice(Path path, UnixStatus status) throws FlipsideException {
            if (status.major() > InodeKind.MAX_MAJOR || status.minor() > InodeKind.MAX_MINOR) {
                throw new FlipsideException(
                        FailureCode.ROOTFS_UNSUPPORTED,
                        path.toString(),
                        "a device number up to 4095:1048575",
                        status.major() + ":" + status.minor(),
                        "leave it out of the root file system");
            }
        }
    }
}
