package dev.flipside.updater.trust;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import dev.flipside.repository.PathEncoding;
import dev.flipside.tuf.AlgorithmPolicy;
import dev.flipside.tuf.DelegatedRole;
import dev.flipside.tuf.Digests;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Where a host's trust begins, and what it has learned since: {@code root_history/N.root.json}, for
 * each root after the first one; {@code timestamp.json}, {@code snapshot.json} and {@code
 * targets.json} of the last refresh; {@code delegated/ROLE.json}; {@code targets/SHA256}, the
 * manifests and channels that were read last; {@code accepted-time}; and {@code
 * timestamp.validator}, with which a server can say that its timestamp is the stored one.
 *
 * <p>Invariant: every file was checked before it was written, and is checked again, from the root
 * in the image on, whenever it is read. Who can write to this folder can make a host forget which
 * versions it has seen, but not trust a key.
 */
public final class TrustStore {
    private static final String ROOT_HISTORY = "root_history/";
    private static final String DELEGATED = "delegated";
    private static final String TARGETS = "targets";
    private static final String ACCEPTED_TIME = "accepted-time";
    private static final String VALIDATOR = "timestamp.validator";

    /** How many delegated roles and targets are kept; more are fetched each time. */
    static final int MAX_DELEGATED = 32;

    static final int MAX_TARGETS = 8;
    private static final int MAX_NOTE_BYTES = 4096;

    private final DurableFolder folder;
    private final byte[] initialRoot;
    private final Instant notBefore;
    private final AlgorithmPolicy algorithms;

    /**
     * @param folder the host's folder for this and nothing else
     * @param initialRoot the root that the image brought along
     * @param notBefore a time that has certainly passed, as that of the running image's build; a
     *     clock that says an earlier one was never set, and is not believed
     * @param algorithms the kinds of keys that this host believes
     */
    public TrustStore(
            DurableFolder folder,
            byte[] initialRoot,
            Instant notBefore,
            AlgorithmPolicy algorithms) {
        this.folder = folder;
        this.initialRoot = initialRoot.clone();
        this.notBefore = notBefore;
        this.algorithms = algorithms;
    }

    /** One that believes every kind of key. */
    public TrustStore(DurableFolder folder, byte[] initialRoot, Instant notBefore) {
        this(folder, initialRoot, notBefore, AlgorithmPolicy.ANY);
    }

    AlgorithmPolicy algorithms() {
        return algorithms;
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

    Optional<byte[]> delegated(DelegatedRole role) throws IOException {
        return folder.read(delegatedPath(role), Role.TARGETS.maxBytes());
    }

    void keepDelegated(DelegatedRole role, byte[] file) throws FlipsideException {
        keepOneOf(DELEGATED, MAX_DELEGATED, delegatedPath(role), file);
    }

    Optional<byte[]> target(Target target) throws IOException {
        return folder.read(targetPath(target), Trusted.MAX_TARGET_BYTES);
    }

    void keepTarget(Target target, byte[] content) throws FlipsideException {
        keepOneOf(TARGETS, MAX_TARGETS, targetPath(target), content);
    }

    /** When metadata was accepted last. */
    Optional<Instant> acceptedTime() throws IOException {
        Optional<byte[]> note = folder.read(ACCEPTED_TIME, MAX_NOTE_BYTES);
        if (note.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Instant.parse(new String(note.get(), StandardCharsets.UTF_8).strip()));
        } catch (DateTimeParseException e) {
            throw new IOException("not a time", e);
        }
    }

    void keepAcceptedTime(Instant time) throws FlipsideException {
        keep(
                ACCEPTED_TIME,
                (time.truncatedTo(ChronoUnit.SECONDS) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** The validator that came with exactly this timestamp, if any did. */
    Optional<String> validator(byte[] timestamp) throws IOException {
        Optional<byte[]> note = folder.read(VALIDATOR, MAX_NOTE_BYTES);
        if (note.isEmpty()) {
            return Optional.empty();
        }
        String text = new String(note.get(), StandardCharsets.UTF_8).stripTrailing();
        String begin = Digests.sha256(timestamp) + " ";
        return text.startsWith(begin)
                ? Optional.of(text.substring(begin.length()))
                : Optional.empty();
    }

    void keepValidator(byte[] timestamp, String validator) throws FlipsideException {
        keep(
                VALIDATOR,
                (Digests.sha256(timestamp) + " " + validator + "\n")
                        .getBytes(StandardCharsets.UTF_8));
    }

    static String delegatedPath(DelegatedRole role) {
        return DELEGATED + "/" + PathEncoding.encode(role.name()) + ".json";
    }

    private static String targetPath(Target target) {
        return TARGETS + "/" + target.digests().prefix();
    }

    // What is kept here only saves requests, so any of it can go to make room.
    private void keepOneOf(String in, int max, String path, byte[] file) throws FlipsideException {
        try {
            List<String> names = folder.list(in);
            if (names.size() >= max) {
                for (String name : names) {
                    folder.remove(in + "/" + name);
                }
            }
        } catch (IOException e) {
            throw notWritten(in, e);
        }
        keep(path, file);
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
