package dev.flipside.erofs;

import dev.flipside.format.ByteString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A root file system without its file contents: names, inodes, and which names share one.
 *
 * <p>Invariants: the root is a directory; every directory has exactly one name; every name has 1 to
 * 255 bytes, holds neither NUL nor {@code /}, and is neither {@code .} nor {@code ..}.
 */
public final class FileTree {
    public static final int MAX_NAME_BYTES = 255;

    private static final ByteString SLASH = ByteString.utf8("/");

    private final Inode root;
    private final List<Inode> inodes;
    private final IdentityHashMap<Inode, Integer> linkCounts;

    public FileTree(Inode root) {
        if (!root.isDirectory()) {
            throw new IllegalArgumentException("the root is not a directory");
        }
        this.root = root;
        List<Inode> found = new ArrayList<>();
        this.linkCounts = new IdentityHashMap<>();
        collect(root, found, linkCounts);
        this.inodes = Collections.unmodifiableList(found);
    }

    public Inode root() {
        return root;
    }

    /**
     * Every inode once, in path order: a directory before what is in it, names bytewise ascending,
     * an inode with several names at the first of them.
     */
    public List<Inode> inodes() {
        return inodes;
    }

    /** {@code st_nlink}: names of a file; for a directory 2 plus its subdirectories. */
    public int linkCount(Inode inode) {
        Integer count = linkCounts.get(inode);
        if (count == null) {
            throw new IllegalArgumentException("not an inode of this tree");
        }
        return count;
    }

    /**
     * The inode at a path like {@code usr/bin/env}, without following symbolic links; the empty
     * path is the root.
     */
    public Optional<Inode> find(ByteString path) {
        Inode inode = root;
        int start = 0;
        while (start < path.length()) {
            int slash = path.indexOf((byte) '/', start);
            int end = slash < 0 ? path.length() : slash;
            if (!(inode.kind() instanceof InodeKind.Directory directory)) {
                return Optional.empty();
            }
            if (end > start) {
                inode = directory.entries().get(path.substring(start, end));
                if (inode == null) {
                    return Optional.empty();
                }
            }
            start = end + 1;
        }
        return Optional.of(inode);
    }

    /** The first path of an inode, for messages: {@code /usr/bin/env}. */
    public ByteString pathOf(Inode wanted) {
        Deque<Map.Entry<ByteString, Inode>> pending = new ArrayDeque<>();
        pending.push(Map.entry(ByteString.utf8(""), root));
        while (!pending.isEmpty()) {
            Map.Entry<ByteString, Inode> next = pending.pop();
            if (next.getValue() == wanted) {
                return next.getKey().isEmpty() ? SLASH : next.getKey();
            }
            if (next.getValue().kind() instanceof InodeKind.Directory directory) {
                ByteString prefix = next.getKey().concat(SLASH);
                for (Map.Entry<ByteString, Inode> entry :
                        directory.entries().reversed().entrySet()) {
                    pending.push(Map.entry(prefix.concat(entry.getKey()), entry.getValue()));
                }
            }
        }
        throw new IllegalArgumentException("not an inode of this tree");
    }

    /** True when the bytes can name an entry of a directory. */
    public static boolean isName(ByteString name) {
        return !name.isEmpty()
                && name.length() <= MAX_NAME_BYTES
                && name.indexOf((byte) 0, 0) < 0
                && name.indexOf((byte) '/', 0) < 0
                && !isDots(name);
    }

    static void requireName(ByteString name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("not a file name: " + name);
        }
    }

    private static boolean isDots(ByteString name) {
        return name.length() <= 2 && name.at(0) == '.' && (name.length() == 1 || name.at(1) == '.');
    }

    /** Without recursion, so that depth is bounded by the heap and not by the stack. */
    private static void collect(
            Inode root, List<Inode> found, IdentityHashMap<Inode, Integer> linkCounts) {
        Deque<Inode> pending = new ArrayDeque<>();
        pending.push(root);
        while (!pending.isEmpty()) {
            Inode inode = pending.pop();
            if (!(inode.kind() instanceof InodeKind.Directory directory)) {
                if (linkCounts.merge(inode, 1, Integer::sum) == 1) {
                    found.add(inode);
                }
                continue;
            }
            found.add(inode);
            int subdirectories = 0;
            List<Inode> children = new ArrayList<>(directory.entries().values());
            for (Inode child : children.reversed()) {
                subdirectories += child.isDirectory() ? 1 : 0;
                pending.push(child);
            }
            if (linkCounts.put(inode, 2 + subdirectories) != null) {
                throw new IllegalArgumentException("a directory has two names");
            }
        }
    }
}
