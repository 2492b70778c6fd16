package dev.flipside.updater.trust;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import dev.flipside.tuf.Role;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a host's trust begins, and what it has learned since: {@code root_history/N.root.json}, for
 * each root after the first one, and {@code timestamp.json}, {@code snapshot.json} and {@code
 * targets.json} of the last refresh.
 *
 * <p>Invariant: every file was checked before it was written, and is checked again, from the root
 * in the image on, whenever it is read. Who can write to this folder can make a host forget which
 * versions it has seen, but not trust a key.
 */
public final class TrustStore {
    private static final String ROOT_HISTORY = "root_history/";

    private final DurableFolder folder;
    private final byte[] initialRoot;
    private final Instant notBefore;

    /**
     * @param folder the host's folder for this and nothing else
     * @param initialRoot the root that the image brought along
     * @param notBefore a time that has certainly passed, as that of the running image's build; a
     *     clock that says an earlier one was never set, and is not believed
     */
    public TrustStore(DurableFolder folder, byte[] initialRoot, Instant notBefore) {
        this.folder = folder;
        this.initialRoot = initialRoot.clone();
        this.notBefore = notBefore;
    }

    byte[] initialRoot() {
        return initialRoot.clone();
    }

    Instant notBefore() {
        return notBefore;
    }

    Optional<byte[]> root(long version) throws IOException {
        return folder.read(rootPath(version), Role.ROOT.maxBytes());
    }

    Optional<byte[]> latest(Role role) throws IOException {
        return folder.read(role.fileName(), role.maxBytes());
    }

    void keepRoot(long version, byte[] file) throws FlipsideException {
        keep(rootPath(version), file);
    }

    void keepLatest(Role role, byte[] file) throws FlipsideException {
        keep(role.fileName(), file);
    }

    void forget(Role role) throws FlipsideException {
        try {
            folder.remove(role.fileName());
        } catch (IOException e) {
            throw notWritten(role.fileName(), e);
        }
    }

    static String rootPath(long version) {
        return ROOT_HISTORY + version + "." + Role.ROOT.fileName();
    }

    private void keep(String path, byte[] file) throws FlipsideException {
        try {
            folder.replace(path, DurableFolder.Content.of(file));
        } catch (IOException e) {
            throw notWritten(path, e);
        }
    }

    private static FlipsideException notWritten(String path, IOException cause) {
        return new FlipsideException(
                new dev.flipside.failure.Failure(
                        FailureCode.IO_FAILED,
                        "trust store: " + path,
                        "to be written",
                        String.valueOf(cause.getMessage()),
                        "check the disk and the room on it, and try again"),
                cause);
    }
}
