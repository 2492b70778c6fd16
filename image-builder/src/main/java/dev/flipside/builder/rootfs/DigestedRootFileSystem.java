package dev.flipside.builder.rootfs;

import dev.flipside.builder.provenance.TreeDigest;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.time.Instant;

/** A root file system whose contents are digested as they are handed on, in the same pass. */
public record DigestedRootFileSystem(RootFileSystem source, TreeDigest digest)
        implements RootFileSystem {
    public static DigestedRootFileSystem of(RootFileSystem source) {
        return new DigestedRootFileSystem(source, new TreeDigest(source.tree()));
    }

    @Override
    public FileTree tree() {
        return source.tree();
    }

    @Override
    public Instant newestChange() {
        return source.newestChange();
    }

    @Override
    public void forEachContent(ContentSink sink) throws IOException, FlipsideException {
        source.forEachContent((file, bytes) -> digested(file, bytes, sink));
    }

    /** What the sink leaves is read, too: a file that is left out of an image is an input. */
    private void digested(Inode file, InputStream bytes, ContentSink sink)
            throws IOException, FlipsideException {
        DigestInputStream in = new DigestInputStream(bytes, TreeDigest.sha256());
        sink.accept(file, in);
        in.transferTo(OutputStream.nullOutputStream());
        digest.put(file, in.getMessageDigest().digest());
    }
}
