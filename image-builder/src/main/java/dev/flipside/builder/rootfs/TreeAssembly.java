package dev.flipside.builder.rootfs;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeAttributes;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.time.Instant;
import java.util.List;
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

    private final DirectoryNode root = new DirectoryNode();
    private TarRefusal refusal;
    private boolean overLayers;

    TreeAssembly(TarRefusal refusal) {
        this.refusal = refusal;
    }

    /** From now on, what is put lies over what is there, and may replace whole directories. */
    void beginLayer(TarRefusal layer) {
        refusal = layer;
        overLayers = true;
    }

    /**
     * A tree that is done.
     *
     * @param newestChange the newest time in it
     */
    record Assembled(FileTree tree, Instant newestChange) {}

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
    }

    void put(ByteString path, Inode inode) throws FlipsideException {
        EntryPath parsed = EntryPath.parse(path, refusal);
        if (parsed.names().isEmpty()) {
            throw refusal.malformed(TarRefusal.entry(path), "a directory", "something else");
        }
        DirectoryNode parent = parentOf(parsed);
        if (!overLayers
                && parent.children.get(parsed.last()) instanceof DirectoryNode existing
                && !existing.children.isEmpty()) {
            throw refusal.malformed(
                    TarRefusal.entry(path), "a directory, as before", "something else");
        }
        parent.children.put(parsed.last(), new Leaf(inode));
    }

    /** Gives an inode that is there another name. */
    void link(ByteString path, ByteString target) throws FlipsideException {
        Optional<Node> node = find(EntryPath.parse(target, refusal).names());
        if (node.isPresent() && node.get() instanceof Leaf leaf) {
            put(path, leaf.inode());
            return;
        }
        throw refusal.malformed(
                TarRefusal.entry(path),
                "a hard link to an earlier file",
                (node.isEmpty() ? "none" : "a directory") + " at '" + target + "'");
    }

    /** Removes what is there, whatever it is. */
    void whiteout(EntryPath path) throws FlipsideException {
        Optional<Node> parent = find(path.parents());
        boolean removed =
                parent.isPresent()
                        && parent.get() instanceof DirectoryNode directory
                        && directory.children.remove(path.last()) != null;
        if (!removed) {
            throw refusal.malformed(
                    "whiteout '" + path.asGiven() + "'",
                    "something of that name in the layers below",
                    "nothing");
        }
    }

    /** Empties a directory; one that is not there is empty. */
    void clear(List<ByteString> directory) {
        if (find(directory).orElse(null) instanceof DirectoryNode node) {
            node.children.clear();
        }
    }

    private Optional<Node> find(List<ByteString> names) {
        Node node = root;
        for (ByteString name : names) {
            node = node instanceof DirectoryNode directory ? directory.children.get(name) : null;
        }
        return Optional.ofNullable(node);
    }

    /** Directories that were missing get 0755, root, and the newest time of all the others. */
    Assembled assembled() {
        Instant newest = newest(root);
        Instant newestChange = newest.equals(Instant.MIN) ? Instant.EPOCH : newest;
        return new Assembled(new FileTree(freeze(root, newestChange)), newestChange);
    }

    /** Recursion is safe here and below: {@link EntryPath} bounds the depth. */
    private static Instant newest(DirectoryNode directory) {
        Instant newest = directory.attributes.map(InodeAttributes::changed).orElse(Instant.MIN);
        for (Node child : directory.children.values()) {
            Instant changed =
                    switch (child) {
                        case Leaf leaf -> leaf.inode().attributes().changed();
                        case DirectoryNode node -> newest(node);
                    };
            newest = changed.isAfter(newest) ? changed : newest;
        }
        return newest;
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
