package dev.flipside.builder.shape;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.format.ByteString;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.BiConsumer;

/** Every name of a tree but its root, as paths like {@code /usr/bin/env}. */
final class TreeWalk {
    private static final ByteString SLASH = ByteString.utf8("/");

    private TreeWalk() {}

    /** Visits in no order that means anything; inodes once for each name. */
    static void forEach(FileTree tree, BiConsumer<ByteString, Inode> visitor) {
        Deque<Map.Entry<ByteString, InodeKind.Directory>> pending = new ArrayDeque<>();
        push(pending, ByteString.utf8(""), tree.root());
        while (!pending.isEmpty()) {
            Map.Entry<ByteString, InodeKind.Directory> next = pending.pop();
            ByteString prefix = next.getKey().concat(SLASH);
            next.getValue()
                    .entries()
                    .forEach(
                            (name, inode) -> {
                                ByteString path = prefix.concat(name);
                                visitor.accept(path, inode);
                                push(pending, path, inode);
                            });
        }
    }

    private static void push(
            Deque<Map.Entry<ByteString, InodeKind.Directory>> pending,
            ByteString path,
            Inode inode) {
        if (inode.kind() instanceof InodeKind.Directory directory) {
            pending.push(Map.entry(path, directory));
        }
    }
}
