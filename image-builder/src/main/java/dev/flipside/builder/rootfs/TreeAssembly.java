package dev.flipside.builder.rootfs;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeAttributes;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A tree that grows entry by entry, as an archive is read; a later entry replaces an earlier one of
 * the same path.
 *
 * <p>Invariant: every path that was put is reached through directories only, never through a
 * symbolic link, so no entry lands elsewhere than its path says.
 */
final class TreeAssembly {
    private static final int MISSING_PARENT_PERMISSIONS = 0755;

    private final TarRefusal refusal;
    private final DirectoryNode root = new DirectoryNode();
    private Instant newestChange = Instant.MIN;

    TreeAssembly(TarRefusal refusal) {
        this.refusal = refusal;
    }

    private sealed interface Node {}

    private record Leaf(Inode inode) implements Node {}

    private static final class DirectoryNode implements Node {
        private final TreeMap<ByteString, Node> children = new TreeMap<>();
        private Optional<InodeAttributes> attributes = Optional.empty();
    }

    /** A directory that is there keeps what is in it. */
    void putDirectory(ByteString path, InodeAttributes attributes) throws FlipsideException {
        EntryPath parsed = EntryPath.parse(path, refusal);
        DirectoryNode node = root;
        if (!parsed.names().isEmpty()) {
            DirectoryNode parent = parentOf(parsed);
            if (parent.children.get(parsed.last()) instanceof DirectoryNode existing) {
                node = existing;
            } else {
                node = new DirectoryNode();
                parent.children.put(parsed.last(), node);
            }
        }
        node.attributes = Optional.of(attributes);
        note(attributes);
    }

    void put(ByteString path, Inode inode) throws FlipsideException {
        EntryPath parsed = EntryPath.parse(path, refusal);
        if (parsed.names().isEmpty()) {
            throw refusal.malformed(TarRefusal.entry(path), "a directory", "something else");
        }
        DirectoryNode parent = parentOf(parsed);
        if (parent.children.get(parsed.last()) instanceof DirectoryNode existing
                && !existing.children.isEmpty()) {
            throw refusal.malformed(
                    TarRefusal.entry(path), "a directory, as before", "something else");
        }
        parent.children.put(parsed.last(), new Leaf(inode));
        note(inode.attributes());
    }

    /** Gives an inode that is there another name. */
    void link(ByteString path, ByteString target) throws FlipsideException {
        Node node = root;
        EntryPath parsed = EntryPath.parse(target, refusal);
        for (ByteString name : parsed.names()) {
            node = node instanceof DirectoryNode directory ? directory.children.get(name) : null;
        }
        if (!(node instanceof Leaf leaf)) {
            throw refusal.malformed(
                    TarRefusal.entry(path),
                    "a hard link to an earlier file",
                    (node == null ? "none" : "a directory") + " at '" + target + "'");
        }
        put(path, leaf.inode());
    }

    /** Directories that were missing get 0755, root, and the newest time of all the others. */
    FileTree tree() {
        return new FileTree(freeze(root, newestChange()));
    }

    Instant newestChange() {
        return newestChange.equals(Instant.MIN) ? Instant.EPOCH : newestChange;
    }

    private void note(InodeAttributes attributes) {
        if (attributes.changed().isAfter(newestChange)) {
            newestChange = attributes.changed();
        }
    }

    private DirectoryNode parentOf(EntryPath path) throws FlipsideException {
        DirectoryNode at = root;
        for (ByteString name : path.parents()) {
            switch (at.children.get(name)) {
                case null -> {
                    DirectoryNode missing = new DirectoryNode();
                    at.children.put(name, missing);
                    at = missing;
                }
                case DirectoryNode directory -> at = directory;
                case Leaf leaf when leaf.inode().kind() instanceof InodeKind.Symlink ->
                        throw refusal.unsafe(
                                path.asGiven(),
                                "a path through directories",
                                "symbolic link '" + name + "' in it");
                case Leaf _ ->
                        throw refusal.malformed(
                                TarRefusal.entry(path.asGiven()),
                                "a path through directories",
                                "file '" + name + "' in it");
            }
        }
        return at;
    }

    /** Recursion is safe: {@link EntryPath} bounds the depth. */
    private static Inode freeze(DirectoryNode node, Instant missingChanged) {
        SortedMap<ByteString, Inode> entries = new TreeMap<>();
        for (Map.Entry<ByteString, Node> child : node.children.entrySet()) {
            entries.put(
                    child.getKey(),
                    switch (child.getValue()) {
                        case Leaf leaf -> leaf.inode();
                        case DirectoryNode directory -> freeze(directory, missingChanged);
                    });
        }
        InodeAttributes attributes =
                node.attributes.orElseGet(
                        () -> InodeAttributes.ofRoot(MISSING_PARENT_PERMISSIONS, missingChanged));
        return new Inode(attributes, new InodeKind.Directory(entries));
    }
}
