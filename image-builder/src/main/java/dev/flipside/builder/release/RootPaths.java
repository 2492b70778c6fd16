package dev.flipside.builder.release;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.format.ByteString;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Finds files in the tree of a root file system, by paths that are followed as in a chroot. */
record RootPaths(FileTree tree) {
    private static final ByteString SLASH = ByteString.utf8("/");
    private static final ByteString UP = ByteString.utf8("..");
    private static final ByteString HERE = ByteString.utf8(".");

    /** As many symbolic links as Linux follows in one path. */
    private static final int MAX_SYMLINKS = 40;

    /** The regular file at a path. */
    Optional<Inode> file(String path) {
        return follow(ByteString.utf8(path))
                .filter(inode -> inode.kind() instanceof InodeKind.RegularFile);
    }

    boolean isFolder(String path) {
        return follow(ByteString.utf8(path)).filter(Inode::isDirectory).isPresent();
    }

    /** The names in a folder, ascending; none when there is no such folder. */
    List<String> names(String path) {
        return follow(ByteString.utf8(path))
                .map(Inode::kind)
                .filter(InodeKind.Directory.class::isInstance)
                .map(InodeKind.Directory.class::cast)
                .map(folder -> folder.entries().keySet().stream().map(ByteString::toString))
                .map(names -> names.toList())
                .orElse(List.of());
    }

    private Optional<Inode> follow(ByteString path) {
        Deque<Inode> parents = new ArrayDeque<>();
        Deque<ByteString> names = new ArrayDeque<>();
        push(names, path);
        Inode at = tree.root();
        int symlinks = 0;
        while (!names.isEmpty()) {
            ByteString name = names.pop();
            if (name.isEmpty() || name.equals(HERE)) {
                continue;
            }
            if (name.equals(UP)) {
                at = parents.isEmpty() ? tree.root() : parents.pop();
                continue;
            }
            if (!(at.kind() instanceof InodeKind.Directory folder)
                    || !folder.entries().containsKey(name)) {
                return Optional.empty();
            }
            Inode child = folder.entries().get(name);
            if (child.kind() instanceof InodeKind.Symlink(ByteString target)) {
                symlinks++;
                if (symlinks > MAX_SYMLINKS) {
                    return Optional.empty();
                }
                if (target.startsWith(SLASH)) {
                    parents.clear();
                    at = tree.root();
                }
                push(names, target);
            } else {
                parents.push(at);
                at = child;
            }
        }
        return Optional.of(at);
    }

    /** Puts the names of a path in front of those that are still to be followed. */
    private static void push(Deque<ByteString> names, ByteString path) {
        int end = path.length();
        for (int i = path.length() - 1; i >= -1; i--) {
            if (i < 0 || path.at(i) == '/') {
                names.push(path.substring(i + 1, end));
                end = i;
            }
        }
    }
}
