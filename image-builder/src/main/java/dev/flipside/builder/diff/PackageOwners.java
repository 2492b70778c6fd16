package dev.flipside.builder.diff;

import dev.flipside.erofs.ErofsInode;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.release.ReleaseManifest.Usage;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which package a file belongs to, by dpkg's lists of files.
 *
 * <p>Invariant: one list is in memory at a time, and the names that were asked for.
 */
final class PackageOwners {
    private static final List<String> FOLDERS =
            List.of("/usr/lib/sysimage/dpkg/info", "/var/lib/dpkg/info");
    private static final List<String> MERGED = List.of("bin", "sbin", "lib", "lib32", "lib64");
    private static final String SUFFIX = ".list";
    private static final int MAX_LIST_BYTES = 16 << 20;
    private static final String USR = "/usr";

    private final ErofsReader image;
    private final Usage usage;
    private final Map<String, String> merged = new HashMap<>();

    private PackageOwners(ErofsReader image, Usage usage) {
        this.image = image;
        this.usage = usage;
    }

    /** The owners of those files that have one. */
    static Map<ByteString, String> find(ErofsReader image, Usage usage, Set<ByteString> files)
            throws IOException, FlipsideException {
        PackageOwners owners = new PackageOwners(image, usage);
        owners.readMergedFolders();
        Map<ByteString, String> found = new HashMap<>();
        for (String folder : FOLDERS) {
            Optional<ErofsInode> info = owners.at(folder);
            if (info.isPresent() && info.get().type() == ErofsInode.Type.DIRECTORY) {
                owners.read(info.get(), files, found);
            }
        }
        return found;
    }

    private Optional<ErofsInode> at(String hostPath) throws IOException, FlipsideException {
        Optional<String> path = inImage(hostPath);
        return path.isEmpty() ? Optional.empty() : image.find(path.get());
    }

    /** The path in the image of a file that stands at a path on a host. */
    private Optional<String> inImage(String hostPath) {
        return switch (usage) {
            case ROOT -> Optional.of(hostPath);
            case USR ->
                    hostPath.startsWith(USR + "/")
                            ? Optional.of(hostPath.substring(USR.length()))
                            : Optional.empty();
        };
    }

    /** A list may say {@code /lib/…} of what is in {@code /usr/lib/…}, to which a link leads. */
    private void readMergedFolders() throws IOException, FlipsideException {
        for (String name : MERGED) {
            boolean link =
                    usage == Usage.USR
                            || image.child(image.root(), ByteString.utf8(name))
                                    .filter(it -> it.type() == ErofsInode.Type.SYMLINK)
                                    .isPresent();
            if (link) {
                merged.put("/" + name, USR + "/" + name);
            }
        }
    }

    private void read(ErofsInode info, Set<ByteString> files, Map<ByteString, String> found)
            throws IOException, FlipsideException {
        for (ErofsReader.Entry entry : image.list(info)) {
            String name = entry.name().toString();
            if (!name.endsWith(SUFFIX) || entry.type() != ErofsInode.Type.REGULAR_FILE) {
                continue;
            }
            ErofsInode list = image.inode(entry);
            if (list.sizeBytes() <= MAX_LIST_BYTES) {
                String owner = name.substring(0, name.length() - SUFFIX.length());
                take(image.readAll(list, MAX_LIST_BYTES), withoutArchitecture(owner), files, found);
            }
        }
    }

    private void take(
            byte[] list, String owner, Set<ByteString> files, Map<ByteString, String> found) {
        int start = 0;
        for (int i = 0; i <= list.length; i++) {
            if (i == list.length || list[i] == '\n') {
                Optional<ByteString> file = imagePath(ByteString.of(list, start, i));
                if (file.isPresent() && files.contains(file.get())) {
                    found.putIfAbsent(file.get(), owner);
                }
                start = i + 1;
            }
        }
    }

    private Optional<ByteString> imagePath(ByteString listed) {
        ByteString path = listed;
        int second = listed.isEmpty() ? -1 : listed.indexOf((byte) '/', 1);
        if (second > 0) {
            String to = merged.get(listed.substring(0, second).toString());
            if (to != null) {
                path = ByteString.utf8(to).concat(listed.substring(second, listed.length()));
            }
        }
        if (usage == Usage.ROOT) {
            return Optional.of(path);
        }
        return path.startsWith(ByteString.utf8(USR + "/"))
                ? Optional.of(path.substring(USR.length(), path.length()))
                : Optional.empty();
    }

    private static String withoutArchitecture(String owner) {
        int colon = owner.indexOf(':');
        return colon < 0 ? owner : owner.substring(0, colon);
    }
}
