package dev.flipside.builder.provenance;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.format.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The digest of the regular files of a tree, in-toto's {@code dirHash}: SHA-256 over a line {@code
 * DIGEST␠␠PATH\n} for each, in the bytewise order of paths. It is the same for a directory, an
 * archive and an image, and this prints it:
 *
 * <pre>find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum</pre>
 */
public final class TreeDigest {
    private static final ByteString SLASH = ByteString.utf8("/");
    private static final ByteString EMPTY = ByteString.utf8("");
    private static final byte[] NOTHING = sha256().digest();

    private final FileTree tree;
    private final Map<Inode, byte[]> digests = new HashMap<>();

    public TreeDigest(FileTree tree) {
        this.tree = tree;
    }

    /** Takes the digest of a file's bytes; a file of none needs no call. */
    public void put(Inode file, byte[] sha256) {
        digests.put(file, sha256);
    }

    /** What each file is digested with. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private record Named(ByteString path, Inode inode) {}

    /** The digest in lowercase hex, once every file that is not empty has its own. */
    public String hex() {
        MessageDigest all = sha256();
        Deque<Named> pending = new ArrayDeque<>();
        pending.push(new Named(EMPTY, tree.root()));
        while (!pending.isEmpty()) {
            Named next = pending.pop();
            switch (next.inode().kind()) {
                case InodeKind.Directory folder -> {
                    for (Named entry : inOrder(next.path(), folder).reversed().values()) {
                        pending.push(entry);
                    }
                }
                case InodeKind.RegularFile(long sizeBytes) ->
                        all.update(line(next.path(), digestOf(next, sizeBytes)));
                case InodeKind.Symlink _ -> {}
                case InodeKind.CharacterDevice _ -> {}
                case InodeKind.BlockDevice _ -> {}
                case InodeKind.Fifo _ -> {}
                case InodeKind.Socket _ -> {}
            }
        }
        return HexFormat.of().formatHex(all.digest());
    }

    /** What is in {@code a/} comes after {@code a.b}, as '/' does after '.'. */
    private static SortedMap<ByteString, Named> inOrder(
            ByteString path, InodeKind.Directory folder) {
        TreeMap<ByteString, Named> entries = new TreeMap<>();
        ByteString prefix = path.isEmpty() ? path : path.concat(SLASH);
        folder.entries()
                .forEach(
                        (name, inode) ->
                                entries.put(
                                        inode.isDirectory() ? name.concat(SLASH) : name,
                                        new Named(prefix.concat(name), inode)));
        return entries;
    }

    private byte[] digestOf(Named file, long sizeBytes) {
        byte[] digest = sizeBytes == 0 ? NOTHING : digests.get(file.inode());
        if (digest == null) {
            throw new IllegalStateException("never read: " + file.path());
        }
        return digest;
    }

    /** As sha256sum prints it: it marks and escapes names that would break the line. */
    private static byte[] line(ByteString path, byte[] digest) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean escaped =
                path.indexOf((byte) '\n', 0) >= 0
                        || path.indexOf((byte) '\r', 0) >= 0
                        || path.indexOf((byte) '\\', 0) >= 0;
        if (escaped) {
            line.write('\\');
        }
        line.writeBytes(
                (HexFormat.of().formatHex(digest) + "  ").getBytes(StandardCharsets.US_ASCII));
        for (byte one : path.toByteArray()) {
            switch (one) {
                case '\n' -> line.writeBytes(new byte[] {'\\', 'n'});
                case '\r' -> line.writeBytes(new byte[] {'\\', 'r'});
                case '\\' -> line.writeBytes(new byte[] {'\\', '\\'});
                default -> line.write(one);
            }
        }
        line.write('\n');
        return line.toByteArray();
    }
}
