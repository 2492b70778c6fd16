package dev.flipside.builder.sbom;

import dev.flipside.erofs.ErofsInode;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.release.ReleaseManifest.Usage;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Files of a finished image by the paths that they have on a host. */
record ImageFiles(ErofsReader image, Usage usage) {
    private static final String USR = "/usr/";
    private static final int BUFFER_BYTES = 1 << 16;

    /** The regular file at a path. */
    Optional<ErofsInode> file(String path) throws IOException, FlipsideException {
        return find(path).filter(inode -> inode.type() == ErofsInode.Type.REGULAR_FILE);
    }

    /** The names in a folder, ascending; none when there is no such folder. */
    List<String> names(String folder) throws IOException, FlipsideException {
        Optional<ErofsInode> found =
                find(folder).filter(inode -> inode.type() == ErofsInode.Type.DIRECTORY);
        List<String> names = new ArrayList<>();
        if (found.isPresent()) {
            for (ErofsReader.Entry entry : image.list(found.get())) {
                ByteString name = entry.name();
                // A name that is not UTF-8 is none that a package manager gives.
                if (ByteString.utf8(name.toString()).equals(name)) {
                    names.add(name.toString());
                }
            }
        }
        return names;
    }

    InputStream open(ErofsInode file) throws FlipsideException {
        return new BufferedInputStream(image.open(file), BUFFER_BYTES);
    }

    byte[] bytes(ErofsInode file, int maxBytes) throws IOException, FlipsideException {
        return image.readAll(file, maxBytes);
    }

    private Optional<ErofsInode> find(String path) throws IOException, FlipsideException {
        return switch (usage) {
            case ROOT -> image.find(path);
            case USR ->
                    path.startsWith(USR)
                            ? image.find(path.substring(USR.length() - 1))
                            : Optional.empty();
        };
    }
}
