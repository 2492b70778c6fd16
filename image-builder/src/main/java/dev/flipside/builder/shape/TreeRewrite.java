package dev.flipside.builder.shape;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeAttributes;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A tree made from another one, inode by inode, which remembers what became of each of them.
 *
 * <p>Invariant: what shared an inode before shares one afterwards, with what the rule says of its
 * first name. Recursion is bounded by the depth of the tree, which is that of a path: 2048.
 */
final class TreeRewrite {
    private static final ByteString SLASH = ByteString.utf8("/");

    private final Rule rule;
    private final Map<Inode, Inode> now = new HashMap<>();
    private final FileTree tree;

    TreeRewrite(FileTree before, Rule rule) throws FlipsideException {
        this.rule = rule;
        this.tree = new FileTree(rewrite(SLASH, before.root()));
    }

    /** What becomes of the names and inodes of a tree; paths are like {@code /usr/bin/env}. */
    interface Rule {
        /** False for what is left out, with all that is below it; not asked of the root. */
        default boolean keeps(ByteString path, Inode inode) {
            return true;
        }

        /** The name that an entry gets. */
        default ByteString name(ByteString path, ByteString name, Inode inode)
                throws FlipsideException {
            return name;
        }

        default InodeAttributes attributes(ByteString path, Inode inode) throws FlipsideException {
            return inode.attributes();
        }

        /** Asked of everything but directories. */
        default InodeKind kind(ByteString path, Inode inode) throws FlipsideException {
            return inode.kind();
        }
    }

    FileTree tree() {
        return tree;
    }

    /** What an inode of the tree before is now; empty when it was left out. */
    Optional<Inode> now(Inode before) {
        return Optional.ofNullable(now.get(before));
    }

    private Inode rewrite(ByteString path, Inode inode) throws FlipsideException {
        Inode done = now.get(inode);
        if (done != null) {
            return done;
        }
        InodeKind kind =
                inode.kind() instanceof InodeKind.Directory directory
                        ? rewrite(path, directory)
                        : rule.kind(path, inode);
        InodeAttributes attributes = rule.attributes(path, inode);
        boolean same = kind.equals(inode.kind()) && attributes.equals(inode.attributes());
        Inode rewritten = same && !inode.isDirectory() ? inode : new Inode(attributes, kind);
        now.put(inode, rewritten);
        return rewritten;
    }

    private InodeKind rewrite(ByteString path, InodeKind.Directory directory)
            throws FlipsideException {
        SortedMap<ByteString, Inode> entries = new TreeMap<>();
        ByteString prefix = path.length() == 1 ? path : path.concat(SLASH);
        for (Map.Entry<ByteString, Inode> entry : directory.entries().entrySet()) {
            ByteString below = prefix.concat(entry.getKey());
            if (rule.keeps(below, entry.getValue())) {
                ByteString name = rule.name(below, entry.getKey(), entry.getValue());
                if (entries.put(name, rewrite(below, entry.getValue())) != null) {
                    throw new FlipsideException(
                            FailureCode.ROOTFS_UNSUPPORTED,
                            "'" + prefix.concat(name) + "'",
                            "one file that gets this name",
                            "two",
                            "leave one of them out");
                }
            }
        }
        return new InodeKind.Directory(entries);
    }
}
