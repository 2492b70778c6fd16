package dev.flipside.builder.diff;

import dev.flipside.erofs.ErofsInode;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Goes through two images side by side, in path order.
 *
 * <p>Invariant: memory holds the directories on the way down, the numbers of the directories and of
 * the hard links that were met, and two buffers; nothing for each file.
 */
final class ImageComparison {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int MAX_PATH_BYTES = 4096;
    private static final ByteString SLASH = ByteString.utf8("/");

    private final ErofsReader before;
    private final ErofsReader after;
    private final BlockCosts costs;
    private final Receiver receiver;
    private final Set<Long> directoriesBefore = new HashSet<>();
    private final Set<Long> directoriesAfter = new HashSet<>();
    private final Set<Long> linksCounted = new HashSet<>();
    private final ByteBuffer left = ByteBuffer.allocate(BUFFER_BYTES);
    private final ByteBuffer right = ByteBuffer.allocate(BUFFER_BYTES);
    private final Deque<Pair> pending = new ArrayDeque<>();

    private ImageComparison(
            ErofsReader before, ErofsReader after, BlockCosts costs, Receiver receiver) {
        this.before = before;
        this.after = after;
        this.costs = costs;
        this.receiver = receiver;
    }

    /** Takes the names that differ, in path order. */
    @FunctionalInterface
    interface Receiver {
        void accept(FileChange change);
    }

    /** One path, and what it is in each image; null where it is not. */
    private record Pair(ByteString path, ErofsInode before, ErofsInode after) {}

    /**
     * Compares two images.
     *
     * @param costs of the blocks of the second
     * @throws FlipsideException {@code erofs-malformed}
     */
    static void run(ErofsReader before, ErofsReader after, BlockCosts costs, Receiver receiver)
            throws IOException, FlipsideException {
        new ImageComparison(before, after, costs, receiver).run();
    }

    private void run() throws IOException, FlipsideException {
        pending.push(new Pair(ByteString.utf8(""), before.root(), after.root()));
        while (!pending.isEmpty()) {
            Pair pair = pending.pop();
            report(pair);
            descend(pair);
        }
    }

    private void descend(Pair pair) throws IOException, FlipsideException {
        List<ErofsReader.Entry> old = entries(before, pair.before(), directoriesBefore);
        List<ErofsReader.Entry> now = entries(after, pair.after(), directoriesAfter);
        if (old.isEmpty() && now.isEmpty()) {
            return;
        }
        if (pair.path().length() > MAX_PATH_BYTES) {
            throw malformed("paths of at most 4096 bytes", "a longer one");
        }
        ByteString prefix = pair.path().concat(SLASH);
        List<Pair> below = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < old.size() || j < now.size()) {
            int order = order(old, i, now, j);
            ErofsReader.Entry one = order <= 0 ? old.get(i++) : null;
            ErofsReader.Entry other = order >= 0 ? now.get(j++) : null;
            ByteString name = one == null ? other.name() : one.name();
            below.add(
                    new Pair(
                            prefix.concat(name),
                            one == null ? null : before.inode(one),
                            other == null ? null : after.inode(other)));
        }
        below.reversed().forEach(pending::push);
    }

    private static int order(
            List<ErofsReader.Entry> old, int i, List<ErofsReader.Entry> now, int j) {
        if (i == old.size()) {
            return 1;
        }
        return j == now.size() ? -1 : old.get(i).name().compareTo(now.get(j).name());
    }

    private static List<ErofsReader.Entry> entries(
            ErofsReader image, ErofsInode inode, Set<Long> seen)
            throws IOException, FlipsideException {
        if (inode == null || inode.type() != ErofsInode.Type.DIRECTORY) {
            return List.of();
        }
        if (!seen.add(inode.nid())) {
            throw malformed("directories with one name each", "two of " + inode.nid());
        }
        return image.list(inode);
    }

    private void report(Pair pair) throws IOException, FlipsideException {
        ErofsInode old = pair.before();
        ErofsInode now = pair.after();
        long fetched = now == null ? 0 : fetchedBytes(now);
        List<String> details = old == null || now == null ? List.of() : differences(old, now);
        FileChange.Kind kind = kind(old, now, details);
        if (kind == FileChange.Kind.SAME && fetched == 0) {
            return;
        }
        receiver.accept(
                new FileChange(
                        kind,
                        pair.path().isEmpty() ? SLASH : pair.path(),
                        (now == null ? old : now).type(),
                        details,
                        old == null ? 0 : sizeBytes(old),
                        now == null ? 0 : sizeBytes(now),
                        fetched,
                        Optional.empty()));
    }

    private static FileChange.Kind kind(ErofsInode old, ErofsInode now, List<String> details) {
        if (old == null) {
            return FileChange.Kind.ADDED;
        }
        if (now == null) {
            return FileChange.Kind.REMOVED;
        }
        if (details.isEmpty()) {
            return FileChange.Kind.SAME;
        }
        boolean content =
                details.contains("content")
                        || details.contains("type")
                        || details.contains("device");
        return content ? FileChange.Kind.CHANGED : FileChange.Kind.METADATA;
    }

    private static long sizeBytes(ErofsInode inode) {
        return inode.type() == ErofsInode.Type.DIRECTORY ? 0 : inode.sizeBytes();
    }

    /** What the blocks of a regular file cost; what is beside its inode is metadata. */
    private long fetchedBytes(ErofsInode inode) {
        boolean file = inode.type() == ErofsInode.Type.REGULAR_FILE;
        if (!file || (inode.linkCount() > 1 && !linksCounted.add(inode.nid()))) {
            return 0;
        }
        int block = VerityParameters.BLOCK_SIZE_BYTES;
        long first = inode.storage().startOffsetBytes() / block;
        long inBlocks = inode.sizeBytes() - inode.storage().tailBytes();
        return costs.between(first, first + Math.ceilDiv(inBlocks, (long) block));
    }

    private List<String> differences(ErofsInode old, ErofsInode now)
            throws IOException, FlipsideException {
        List<String> found = new ArrayList<>();
        if (old.type() != now.type()) {
            found.add("type");
        } else if (!sameContent(old, now)) {
            found.add("content");
        }
        if (old.rdevMajor() != now.rdevMajor() || old.rdevMinor() != now.rdevMinor()) {
            found.add("device");
        }
        if (old.permissions() != now.permissions()) {
            found.add("mode");
        }
        if (old.uid() != now.uid() || old.gid() != now.gid()) {
            found.add("owner");
        }
        if (!old.changed().equals(now.changed())) {
            found.add("time");
        }
        if (!before.xattrs(old).equals(after.xattrs(now))) {
            found.add("xattrs");
        }
        return found;
    }

    private boolean sameContent(ErofsInode old, ErofsInode now)
            throws IOException, FlipsideException {
        return switch (now.type()) {
            case REGULAR_FILE -> old.sizeBytes() == now.sizeBytes() && sameBytes(old, now);
            case SYMLINK -> before.symlinkTarget(old).equals(after.symlinkTarget(now));
            case DIRECTORY, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO, SOCKET -> true;
        };
    }

    private boolean sameBytes(ErofsInode old, ErofsInode now)
            throws IOException, FlipsideException {
        for (long at = 0; at < now.sizeBytes(); at += BUFFER_BYTES) {
            int length = (int) Math.min(BUFFER_BYTES, now.sizeBytes() - at);
            before.read(old, left.clear().limit(length), at);
            after.read(now, right.clear().limit(length), at);
            if (!Arrays.equals(left.array(), 0, length, right.array(), 0, length)) {
                return false;
            }
        }
        return true;
    }

    private static FlipsideException malformed(String expected, String found) {
        return new FlipsideException(
                FailureCode.EROFS_MALFORMED, "image", expected, found, "build the release again");
    }
}
