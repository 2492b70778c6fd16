package dev.flipside.erofs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Reads uncompressed EROFS images. Total on hostile bytes: what is not a well-formed image is
 * refused with {@code erofs-malformed}, and the only other exceptions are the {@link IOException}s
 * of the {@link RandomAccess} below.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class ErofsReader {
    private ErofsReader() {}

    public static ErofsReader open(RandomAccess image) throws IOException, FlipsideException {
        throw new UnsupportedOperationException();
    }

    /** One name in a directory. */
    public record Entry(ByteString name, long nid, ErofsInode.Type type) {}

    public ErofsInode root() throws IOException, FlipsideException {
        throw new UnsupportedOperationException();
    }

    public ErofsInode inode(long nid) throws IOException, FlipsideException {
        throw new UnsupportedOperationException();
    }

    /** The entries of a directory, ascending, without {@code .} and {@code ..}. */
    public List<Entry> list(ErofsInode directory) throws IOException, FlipsideException {
        throw new UnsupportedOperationException();
    }

    /**
     * The inode at a path from the root of the image, following symbolic links within the image;
     * empty when there is none.
     */
    public Optional<ErofsInode> find(String path) throws IOException, FlipsideException {
        throw new UnsupportedOperationException();
    }

    public SortedMap<ByteString, ByteString> xattrs(ErofsInode inode)
            throws IOException, FlipsideException {
        throw new UnsupportedOperationException();
    }

    public ByteString symlinkTarget(ErofsInode symlink) throws IOException, FlipsideException {
        throw new UnsupportedOperationException();
    }

    /** Fills the whole of {@code destination} from an offset within the file. */
    public void read(ErofsInode file, ByteBuffer destination, long offsetBytes)
            throws IOException, FlipsideException {
        throw new UnsupportedOperationException();
    }

    /** The whole of a small file, refused when it is larger than {@code maxBytes}. */
    public byte[] readAll(ErofsInode file, int maxBytes) throws IOException, FlipsideException {
        throw new UnsupportedOperationException();
    }
}
