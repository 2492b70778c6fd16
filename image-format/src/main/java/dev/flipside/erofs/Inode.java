package dev.flipside.erofs;

import java.util.Objects;

/**
 * One inode of a {@link FileTree}. It has identity and no value equality: a hard link is the same
 * object under another name.
 */
public final class Inode {
    private final InodeAttributes attributes;
    private final InodeKind kind;

    public Inode(InodeAttributes attributes, InodeKind kind) {
        this.attributes = Objects.requireNonNull(attributes);
        this.kind = Objects.requireNonNull(kind);
    }

    public InodeAttributes attributes() {
        return attributes;
    }

    public InodeKind kind() {
        return kind;
    }

    public boolean isDirectory() {
        return kind instanceof InodeKind.Directory;
    }
}
