package dev.flipside.integration;

import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.ErofsInode;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.platform.NativeFileAttributes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All that can be told of a tree, a line for each path, from three sources that must agree: the
 * kernel, our EROFS reader, and what we read of a tar or directory.
 *
 * <p>Link counts of directories are left out: file systems count them differently.
 */
final class TreeFacts {
    private static final int BUFFER_BYTES = 1 << 16;

    private static final String SEPARATOR = " | ";

    private final SortedMap<String, String> lines = new TreeMap<>();
    private final Map<Object, SortedSet<String>> namesOf = new HashMap<>();

    private TreeFacts() {}

    /**
     * As fsck.erofs 1.8 extracts: it changes owners after attributes, at which Linux drops
     * capabilities, and ends at the first attribute without a value.
     */
    static SortedMap<String, String> withoutWhatFsckLoses(SortedMap<String, String> facts) {
        SortedMap<String, String> fewer = new TreeMap<>();
        facts.forEach(
                (path, line) ->
                        fewer.put(
                                path,
                                line.replaceAll(
                                        " (security\\.capability=[0-9a-f]*|user\\.empty=)", "")));
        return fewer;
    }

    private SortedMap<String, String> lines() {
        for (SortedSet<String> names : namesOf.values()) {
            for (String name : names) {
                lines.merge(name, " names=" + names, String::concat);
            }
        }
        return lines;
    }

    /** What the kernel says. */
    static SortedMap<String, String> ofDirectory(Path directory) throws IOException {
        TreeFacts facts = new TreeFacts();
        try (NativeFileAttributes attributes = new NativeFileAttributes()) {
            facts.addFromKernel(attributes, directory, "");
        }
        return facts.lines();
    }

    /** What our reader says. */
    static SortedMap<String, String> ofImage(ErofsReader reader)
            throws IOException, FlipsideException {
        TreeFacts facts = new TreeFacts();
        reader.walk((path, inode) -> facts.addFromImage(reader, latin1(path), inode));
        return facts.lines();
    }

    /** What we read of a tar or a directory. */
    static SortedMap<String, String> ofRootFileSystem(RootFileSystem root)
            throws IOException, FlipsideException {
        Map<Inode, String> digests = new HashMap<>();
        root.forEachContent((file, bytes) -> digests.put(file, digest(bytes)));
        TreeFacts facts = new TreeFacts();
        facts.addFromModel(root, digests, root.tree().root(), "");
        return facts.lines();
    }

    private void addFromKernel(NativeFileAttributes attributes, Path path, String name)
            throws IOException {
        Map<String, Object> status =
                Files.readAttributes(
                        path,
                        "unix:mode,uid,gid,lastModifiedTime,size,nlink,dev,ino,rdev",
                        LinkOption.NOFOLLOW_LINKS);
        byte[] bytes = NativeFileAttributes.bytesOf(path);
        int mode = (int) status.get("mode");
        SortedMap<ByteString, ByteString> xattrs = new TreeMap<>();
        for (byte[] xattr : attributes.xattrNames(bytes)) {
            xattrs.put(ByteString.of(xattr), ByteString.of(attributes.xattr(bytes, xattr)));
        }
        add(
                name,
                mode,
                Integer.toUnsignedLong((int) status.get("uid")),
                Integer.toUnsignedLong((int) status.get("gid")),
                ((FileTime) status.get("lastModifiedTime")).toInstant(),
                kernelContent(attributes, path, mode, status),
                ((Number) status.get("nlink")).longValue(),
                status.get("ino"),
                xattrs);
        if ((mode & 0170000) == 0040000) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
                for (Path child : children) {
                    String childName = latin1(NativeFileAttributes.bytesOf(child));
                    childName = childName.substring(childName.lastIndexOf('/'));
                    addFromKernel(attributes, child, name + childName);
                }
            }
        }
    }

    private static String kernelContent(
            NativeFileAttributes attributes, Path path, int mode, Map<String, Object> status)
            throws IOException {
        long device = (long) status.get("rdev");
        return switch (mode & 0170000) {
            case 0100000 -> {
                try (InputStream in = Files.newInputStream(path)) {
                    yield status.get("size") + " " + digest(in);
                }
            }
            case 0120000 -> latin1(attributes.symlinkTarget(NativeFileAttributes.bytesOf(path)));
            case 0020000, 0060000 -> major(device) + ":" + minor(device);
            default -> "";
        };
    }

    private void addFromImage(ErofsReader reader, String path, ErofsInode inode)
            throws IOException, FlipsideException {
        String name = path.equals("/") ? "" : path;
        String content =
                switch (inode.type()) {
                    case REGULAR_FILE -> inode.sizeBytes() + " " + digest(reader.open(inode));
                    case SYMLINK -> latin1(reader.symlinkTarget(inode));
                    case CHARACTER_DEVICE, BLOCK_DEVICE ->
                            inode.rdevMajor() + ":" + inode.rdevMinor();
                    case DIRECTORY, FIFO, SOCKET -> "";
                };
        add(
                name,
                inode.mode(),
                inode.uid(),
                inode.gid(),
                inode.changed(),
                content,
                inode.linkCount(),
                inode.nid(),
                reader.xattrs(inode));
    }

    private void addFromModel(
            RootFileSystem root, Map<Inode, String> digests, Inode inode, String name) {
        add(
                name,
                typeBits(inode.kind()) | inode.attributes().permissions(),
                inode.attributes().uid(),
                inode.attributes().gid(),
                inode.attributes().changed(),
                modelContent(inode, digests),
                root.tree().linkCount(inode),
                inode,
                inode.attributes().xattrs());
        if (inode.kind() instanceof InodeKind.Directory(var entries)) {
            entries.forEach(
                    (childName, child) ->
                            addFromModel(root, digests, child, name + "/" + latin1(childName)));
        }
    }

    private static int typeBits(InodeKind kind) {
        return switch (kind) {
            case InodeKind.RegularFile _ -> 0100000;
            case InodeKind.Directory _ -> 0040000;
            case InodeKind.Symlink _ -> 0120000;
            case InodeKind.CharacterDevice _ -> 0020000;
            case InodeKind.BlockDevice _ -> 0060000;
            case InodeKind.Fifo _ -> 0010000;
            case InodeKind.Socket _ -> 0140000;
        };
    }

    private static String modelContent(Inode inode, Map<Inode, String> digests) {
        return switch (inode.kind()) {
            case InodeKind.RegularFile(long size) ->
                    size + " " + digests.getOrDefault(inode, digest(InputStream.nullInputStream()));
            case InodeKind.Symlink(ByteString target) -> latin1(target);
            case InodeKind.CharacterDevice(int major, int minor) -> major + ":" + minor;
            case InodeKind.BlockDevice(int major, int minor) -> major + ":" + minor;
            case InodeKind.Directory _, InodeKind.Fifo _, InodeKind.Socket _ -> "";
        };
    }

    private void add(
            String name,
            int mode,
            long uid,
            long gid,
            Instant changed,
            String content,
            long linkCount,
            Object identity,
            SortedMap<ByteString, ByteString> xattrs) {
        String status =
                Integer.toOctalString(mode) + " " + uid + ":" + gid + " " + changed + " " + content;
        StringBuilder rest = new StringBuilder();
        if ((mode & 0170000) != 0040000) {
            rest.append("links=").append(linkCount);
            namesOf.computeIfAbsent(identity, _ -> new TreeSet<>()).add(name);
        }
        xattrs.forEach((key, value) -> rest.append(' ').append(key).append('=').append(hex(value)));
        lines.put(name, status + SEPARATOR + rest);
    }

    private static String hex(ByteString value) {
        return HexFormat.of().formatHex(value.toByteArray());
    }

    private static String latin1(ByteString bytes) {
        return latin1(bytes.toByteArray());
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static long major(long device) {
        return (device >>> 8) & 0xfff;
    }

    private static long minor(long device) {
        return (device & 0xff) | ((device >>> 12) & 0xfff00);
    }

    private static String digest(InputStream in) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                sha.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
