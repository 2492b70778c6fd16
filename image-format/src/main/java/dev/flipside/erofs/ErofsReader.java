package dev.flipside.erofs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.format.RandomAccess;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * Reads uncompressed EROFS images: what {@link ErofsLayout} writes, and what mkfs.erofs writes
 * without compression.
 *
 * <p>Total on hostile bytes: what is not a well-formed image is refused with {@code
 * erofs-malformed}, and the only other exceptions are the {@link IOException}s of the {@link
 * RandomAccess} below. What a call allocates is bounded by the one directory, inode or {@code
 * maxBytes} that it was asked for, and a directory by a million entries.
 */
public final class ErofsReader {
    /** As many symbolic links as Linux follows in one path. */
    private static final int MAX_SYMLINKS = 40;

    private static final int MAX_PATH_COMPONENTS = 4096;

    /** PATH_MAX. */
    private static final int MAX_PATH_BYTES = 4096;

    private final RandomAccess image;
    private final ErofsSuperblock superblock;
    private final InodeParser inodes;

    private ErofsReader(RandomAccess image, ErofsSuperblock superblock) {
        this.image = image;
        this.superblock = superblock;
        this.inodes = new InodeParser(image, superblock);
    }

    /** Reads the superblock, and no more. */
    public static ErofsReader open(RandomAccess image) throws IOException, FlipsideException {
        return new ErofsReader(image, ErofsSuperblock.read(image));
    }

    /** One name in a directory. */
    public record Entry(ByteString name, long nid, ErofsInode.Type type) {}

    public ErofsSuperblock superblock() {
        return superblock;
    }

    public ErofsInode root() throws IOException, FlipsideException {
        ErofsInode root = inode(superblock.rootNid());
        requireType(root, ErofsInode.Type.DIRECTORY);
        return root;
    }

    public ErofsInode inode(long nid) throws IOException, FlipsideException {
        return inodes.parse(nid);
    }

    /** The inode that an entry names, refused when it is of another type than the entry says. */
    public ErofsInode inode(Entry entry) throws IOException, FlipsideException {
        ErofsInode inode = inode(entry.nid());
        requireType(inode, entry.type());
        return inode;
    }

    /** The entries of a directory, ascending, without {@code .} and {@code ..}. */
    public List<Entry> list(ErofsInode directory) throws IOException, FlipsideException {
        requireType(directory, ErofsInode.Type.DIRECTORY);
        DirectoryParser parser = new DirectoryParser(directory.nid());
        ByteBuffer block =
                ByteBuffer.allocate(ErofsFormat.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = 0; at < directory.sizeBytes(); at += ErofsFormat.BLOCK_BYTES) {
            block.clear();
            block.limit((int) Math.min(ErofsFormat.BLOCK_BYTES, directory.sizeBytes() - at));
            readData(directory, block, at);
            parser.addBlock(block.flip());
        }
        return parser.entries();
    }

    /**
     * The inode at a path from the root of the image, following symbolic links within the image;
     * empty when there is none.
     */
    public Optional<ErofsInode> find(String path) throws IOException, FlipsideException {
        Deque<ErofsInode> parents = new ArrayDeque<>();
        Deque<ByteString> names = new ArrayDeque<>();
        pushComponents(ByteString.utf8(path), names);
        ErofsInode root = root();
        ErofsInode at = root;
        int symlinks = 0;
        while (!names.isEmpty()) {
            ByteString name = names.pop();
            if (at.type() != ErofsInode.Type.DIRECTORY) {
                return Optional.empty();
            }
            if (name.equals(DirectoryBlocks.SELF)) {
                continue;
            }
            if (name.equals(DirectoryBlocks.PARENT)) {
                at = parents.isEmpty() ? root : parents.pop();
                continue;
            }
            Optional<ErofsInode> child = child(at, name);
            if (child.isEmpty()) {
                return Optional.empty();
            }
            if (child.get().type() != ErofsInode.Type.SYMLINK) {
                parents.push(at);
                at = child.get();
                continue;
            }
            ByteString target = symlinkTarget(child.get());
            if (++symlinks > MAX_SYMLINKS || names.size() > MAX_PATH_COMPONENTS) {
                return Optional.empty();
            }
            if (target.at(0) == '/') {
                parents.clear();
                at = root;
            }
            pushComponents(target, names);
        }
        return Optional.of(at);
    }

    /** The inode of that name in a directory, symbolic links not followed. */
    public Optional<ErofsInode> child(ErofsInode directory, ByteString name)
            throws IOException, FlipsideException {
        for (Entry entry : list(directory)) {
            if (entry.name().equals(name)) {
                return Optional.of(inode(entry));
            }
        }
        return Optional.empty();
    }

    public SortedMap<ByteString, ByteString> xattrs(ErofsInode inode)
            throws IOException, FlipsideException {
        return new XattrParser(image, superblock, inode).parse();
    }

    public ByteString symlinkTarget(ErofsInode symlink) throws IOException, FlipsideException {
        requireType(symlink, ErofsInode.Type.SYMLINK);
        if (symlink.sizeBytes() == 0 || symlink.sizeBytes() > InodeKind.Symlink.MAX_TARGET_BYTES) {
            throw Malformed.because(
                    "symlink " + symlink.nid(),
                    "a target of 1 to 4095 bytes",
                    symlink.sizeBytes() + " bytes");
        }
        ByteBuffer target = ByteBuffer.allocate((int) symlink.sizeBytes());
        readData(symlink, target, 0);
        return ByteString.of(target.array());
    }

    /**
     * Fills the whole of {@code destination} from an offset within a regular file.
     *
     * @throws EOFException when the range ends beyond the file
     */
    public void read(ErofsInode file, ByteBuffer destination, long offsetBytes)
            throws IOException, FlipsideException {
        requireType(file, ErofsInode.Type.REGULAR_FILE);
        if (offsetBytes < 0 || offsetBytes > file.sizeBytes() - destination.remaining()) {
            throw new EOFException("file of " + file.sizeBytes() + " bytes ends");
        }
        readData(file, destination, offsetBytes);
    }

    /** The whole of a small file, refused when it is larger than {@code maxBytes}. */
    public byte[] readAll(ErofsInode file, int maxBytes) throws IOException, FlipsideException {
        requireType(file, ErofsInode.Type.REGULAR_FILE);
        if (file.sizeBytes() > maxBytes) {
            throw Malformed.because(
                    "file " + file.nid(),
                    "at most " + maxBytes + " bytes",
                    file.sizeBytes() + " bytes");
        }
        ByteBuffer all = ByteBuffer.allocate((int) file.sizeBytes());
        readData(file, all, 0);
        return all.array();
    }

    /** The bytes of a regular file from its beginning, each read one read of the image. */
    public InputStream open(ErofsInode file) throws FlipsideException {
        requireType(file, ErofsInode.Type.REGULAR_FILE);
        return new Contents(file);
    }

    private final class Contents extends InputStream {
        private final ErofsInode file;
        private long offsetBytes;

        Contents(ErofsInode file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] to, int start, int lengthBytes) throws IOException {
            int count = (int) Math.min(lengthBytes, file.sizeBytes() - offsetBytes);
            if (count == 0) {
                return lengthBytes == 0 ? 0 : -1;
            }
            readData(file, ByteBuffer.wrap(to, start, count), offsetBytes);
            offsetBytes += count;
            return count;
        }
    }

    /** What {@link #walk} meets. */
    @FunctionalInterface
    public interface Visitor {
        void visit(ByteString path, ErofsInode inode) throws IOException, FlipsideException;
    }

    /**
     * Visits every name in path order, the root first as {@code /}; refuses an image in which a
     * directory has two names, or whose directories overlap, so it ends.
     */
    public void walk(Visitor visitor) throws IOException, FlipsideException {
        Set<Long> directories = new HashSet<>();
        Deque<Pending> pending = new ArrayDeque<>();
        ByteString slash = ByteString.utf8("/");
        pending.push(new Pending(ByteString.utf8(""), root()));
        long namesLeft = superblock.sizeBytes() / (ErofsFormat.DIRENT_BYTES + 1);
        while (!pending.isEmpty()) {
            Pending next = pending.pop();
            if (--namesLeft < 0 || next.path().length() > MAX_PATH_BYTES) {
                throw Malformed.because(
                        "directories", "no more, and no longer, names than fit", "more");
            }
            visitor.visit(next.path().isEmpty() ? slash : next.path(), next.inode());
            if (next.inode().type() != ErofsInode.Type.DIRECTORY) {
                continue;
            }
            if (!directories.add(next.inode().nid())) {
                throw Malformed.because(
                        "directory " + next.inode().nid(), "one name", "'" + next.path() + "' too");
            }
            for (Entry entry : list(next.inode()).reversed()) {
                ByteString path = next.path().concat(slash).concat(entry.name());
                pending.push(new Pending(path, inode(entry)));
            }
        }
    }

    private record Pending(ByteString path, ErofsInode inode) {}

    private static void pushComponents(ByteString path, Deque<ByteString> names) {
        int end = path.length();
        for (int i = path.length() - 1; i >= -1; i--) {
            if (i < 0 || path.at(i) == '/') {
                if (end > i + 1) {
                    names.push(path.substring(i + 1, end));
                }
                end = i;
            }
        }
    }

    /** Reads a range that is known to lie within the data: whole blocks first, then the tail. */
    private void readData(ErofsInode inode, ByteBuffer destination, long offsetBytes)
            throws IOException {
        ErofsInode.Storage storage = inode.storage();
        long inBlocks = inode.sizeBytes() - storage.tailBytes();
        int wanted = destination.remaining();
        int fromBlocks = (int) Math.clamp(inBlocks - offsetBytes, 0L, wanted);
        int limit = destination.limit();
        if (fromBlocks > 0) {
            destination.limit(destination.position() + fromBlocks);
            image.read(destination, storage.startOffsetBytes() + offsetBytes);
            destination.limit(limit);
        }
        if (wanted > fromBlocks) {
            long inTail = offsetBytes + fromBlocks - inBlocks;
            image.read(destination, storage.tailOffsetBytes() + inTail);
        }
    }

    private static void requireType(ErofsInode inode, ErofsInode.Type expected)
            throws FlipsideException {
        if (inode.type() != expected) {
            throw Malformed.because("inode " + inode.nid(), expected.name(), inode.type().name());
        }
    }
}
