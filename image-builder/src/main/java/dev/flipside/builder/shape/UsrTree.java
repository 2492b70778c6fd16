package dev.flipside.builder.shape;

import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** What lies under {@code /usr}, as a file system of its own. */
public final class UsrTree implements RootFileSystem {
    private static final ByteString USR = ByteString.utf8("usr");

    private final RootFileSystem base;
    private final FileTree tree;
    private final Set<Inode> inodes;

    /**
     * Takes {@code /usr} out of a root file system.
     *
     * @throws FlipsideException {@code rootfs-unsupported} when it has none
     */
    public UsrTree(RootFileSystem base) throws FlipsideException {
        this.base = base;
        Inode usr =
                base.tree()
                        .find(USR)
                        .filter(Inode::isDirectory)
                        .orElseThrow(
                                () ->
                                        new FlipsideException(
                                                FailureCode.ROOTFS_UNSUPPORTED,
                                                "--verity usr",
                                                "a directory /usr in the root file system",
                                                "none",
                                                "build with --verity root"));
        this.tree = new FileTree(usr);
        this.inodes = new HashSet<>(tree.inodes());
    }

    /** Whether a file of the whole root file system is in it. */
    public boolean has(Inode inode) {
        return inodes.contains(inode);
    }

    @Override
    public FileTree tree() {
        return tree;
    }

    @Override
    public Instant newestChange() {
        return base.newestChange();
    }

    @Override
    public void forEachContent(ContentSink sink) throws IOException, FlipsideException {
        base.forEachContent(
                (file, bytes) -> {
                    if (inodes.contains(file)) {
                        sink.accept(file, bytes);
                    }
                });
    }
}
