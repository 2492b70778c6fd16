package dev.flipside.builder.rootfs;

import dev.flipside.builder.oci.ImageFiles;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * An OCI layout or docker archive in a tar, which is read from front to back each time.
 *
 * @param name of the tar, as the user gave it
 */
record ArchiveFiles(String name, TarRootFileSystem archive) implements ImageFiles {
    /** As Linux bounds the links on one path. */
    private static final int MAX_LINKS = 40;

    private static final ByteString PARENT = ByteString.utf8("..");

    @Override
    public OptionalLong sizeBytes(String path) {
        return find(path)
                .map(
                        inode ->
                                inode.kind() instanceof InodeKind.RegularFile(long sizeBytes)
                                        ? OptionalLong.of(sizeBytes)
                                        : OptionalLong.empty())
                .orElse(OptionalLong.empty());
    }

    @Override
    public boolean isFolder(String path) {
        return find(path).map(Inode::isDirectory).orElse(false);
    }

    /** Two paths of one file are read one after the other, as its bytes come once in each pass. */
    @Override
    public void read(Set<String> paths, FileSink sink) throws IOException, FlipsideException {
        Set<String> unread = new TreeSet<>(paths);
        while (!unread.isEmpty()) {
            Map<Inode, String> wanted = new HashMap<>();
            for (String path : unread) {
                wanted.putIfAbsent(find(path).orElseThrow(), path);
            }
            archive.forEachContentOf(
                    wanted.keySet(),
                    (file, bytes) -> {
                        String path = wanted.get(file);
                        sink.accept(path, bytes);
                        unread.remove(path);
                    });
            for (Map.Entry<Inode, String> file : wanted.entrySet()) {
                if (unread.remove(file.getValue())) {
                    sink.accept(file.getValue(), InputStream.nullInputStream());
                }
            }
        }
    }

    /** Follows symbolic links within the archive, with which older dockers share layers. */
    private Optional<Inode> find(String path) {
        Deque<ByteString> names = new ArrayDeque<>();
        Deque<Inode> at = new ArrayDeque<>();
        at.push(archive.tree().root());
        push(ByteString.utf8(path), names);
        int links = 0;
        while (!names.isEmpty()) {
            ByteString name = names.pop();
            if (name.equals(PARENT)) {
                at.pop();
                if (at.isEmpty()) {
                    return Optional.empty();
                }
                continue;
            }
            Inode next =
                    at.peek().kind() instanceof InodeKind.Directory(var entries)
                            ? entries.get(name)
                            : null;
            if (next == null || links > MAX_LINKS) {
                return Optional.empty();
            }
            if (next.kind() instanceof InodeKind.Symlink(ByteString target)) {
                links++;
                if (target.at(0) == '/') {
                    return Optional.empty();
                }
                push(target, names);
            } else {
                at.push(next);
            }
        }
        return Optional.of(at.peek());
    }

    private static void push(ByteString path, Deque<ByteString> names) {
        String text = path.toString();
        String[] parts = text.split("/");
        for (int i = parts.length - 1; i >= 0; i--) {
            if (!parts[i].isEmpty() && !parts[i].equals(".")) {
                names.push(ByteString.utf8(parts[i]));
            }
        }
    }
}
