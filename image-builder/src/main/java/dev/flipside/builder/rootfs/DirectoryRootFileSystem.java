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
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A root file system that lies in a directory, with the owners, times, attributes and devices that
 * its files have there.
 *
 * <p>What is mounted below the directory is part of it.
 */
final class DirectoryRootFileSystem implements RootFileSystem {
    private final Map<Inode, Path> contents;
    private final FileTree tree;
    private final Instant newestChange;

    DirectoryRootFileSystem(Path directory) throws IOException, FlipsideException {
        try (NativeFileAttributes nativeAttributes = new NativeFileAttributes()) {
            Scan scan = new Scan(nativeAttributes);
            Path root = directory.toRealPath();
            this.tree = new FileTree(scan.inode(root, NativeFileAttributes.bytesOf(root)));
            this.contents = scan.contents;
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
        for (Map.Entry<Inode, Path> content : contents.entrySet()) {
            Path path = content.getValue();
            long expected =
                    content.getKey().kind() instanceof InodeKind.RegularFile(long size) ? size : 0;
            try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
                long found = Files.size(path);
                if (found != expected) {
                    throw new FlipsideException(
                            FailureCode.INPUT_CHANGED,
                            path.toString(),
                            expected + " bytes",
                            found + " bytes",
                            "leave the directory alone while an image is built from it");
                }
                sink.accept(content.getKey(), in);
            }
        }
    }

    private record FileId(long device, long inode) {}

    /** One walk over the directory. Its recursion is bounded by PATH_MAX: 2048 levels. */
    private static final class Scan {
        private final NativeFileAttributes nativeAttributes;
        private final Map<Inode, Path> contents = new LinkedHashMap<>();
        private final Map<FileId, Inode> linked = new HashMap<>();
        private Instant newestChange = Instant.MIN;

        Scan(NativeFileAttributes nativeAttributes) {
            this.nativeAttributes = nativeAttributes;
        }

        Inode inode(Path path, byte[] pathBytes) throws IOException, FlipsideException {
            UnixStatus status = UnixStatus.of(path);
            FileId id = new FileId(status.device(), status.inode());
            boolean hasOtherNames = status.linkCount() > 1 && !status.isDirectory();
            if (hasOtherNames && linked.containsKey(id)) {
                return linked.get(id);
            }
            InodeKind kind = kind(path, pathBytes, status);
            Inode inode = new Inode(attributes(pathBytes, status), kind);
            if (hasOtherNames) {
                linked.put(id, inode);
            }
            if (kind instanceof InodeKind.RegularFile(long sizeBytes) && sizeBytes > 0) {
                contents.put(inode, path);
            }
            return inode;
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
            TreeMap<ByteString, Path> children = new TreeMap<>();
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(path)) {
                for (Path child : stream) {
                    children.put(nameOf(child), child);
                }
            } catch (java.nio.file.DirectoryIteratorException e) {
                throw e.getCause();
            }
            SortedMap<ByteString, Inode> entries = new TreeMap<>();
            for (Map.Entry<ByteString, Path> child : children.entrySet()) {
                byte[] childBytes = prefix.concat(child.getKey()).toByteArray();
                entries.put(child.getKey(), inode(child.getValue(), childBytes));
            }
            return new InodeKind.Directory(entries);
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
