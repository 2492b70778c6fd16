package dev.flipside.builder.shape;

import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeAttributes;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A root file system with the SELinux labels of a policy. What the policy gives no label keeps the
 * one it has, as with {@code setfiles}.
 */
final class Labels implements RootFileSystem {
    private static final ByteString XATTR = ByteString.utf8("security.selinux");

    private final RootFileSystem base;
    private final TreeRewrite rewrite;

    Labels(RootFileSystem base, FileContexts contexts) throws FlipsideException {
        this.base = base;
        this.rewrite =
                new TreeRewrite(
                        base.tree(),
                        new TreeRewrite.Rule() {
                            @Override
                            public InodeAttributes attributes(ByteString path, Inode inode) {
                                return contexts.contextOf(path, inode.kind())
                                        .map(context -> labelled(inode.attributes(), context))
                                        .orElse(inode.attributes());
                            }
                        });
    }

    /** With the NUL that libselinux writes, too. */
    private static InodeAttributes labelled(InodeAttributes attributes, String context) {
        SortedMap<ByteString, ByteString> xattrs = new TreeMap<>(attributes.xattrs());
        xattrs.put(XATTR, ByteString.utf8(context + '\0'));
        return new InodeAttributes(
                attributes.permissions(),
                attributes.uid(),
                attributes.gid(),
                attributes.changed(),
                xattrs);
    }

    @Override
    public FileTree tree() {
        return rewrite.tree();
    }

    @Override
    public Instant newestChange() {
        return base.newestChange();
    }

    @Override
    public void forEachContent(ContentSink sink) throws IOException, FlipsideException {
        base.forEachContent(
                (file, bytes) -> {
                    Optional<Inode> now = rewrite.now(file);
                    sink.accept(now.orElseThrow(), bytes);
                });
    }
}
