package dev.flipside.builder.repo;

import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.builder.keys.KeyFiles;
import dev.flipside.builder.keys.SigningKey;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Metadata;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The keys of a repository, from a folder with {@code ROLE-N} or {@code ROLE.GROUP-N}, each as
 * {@code .key.pem} with {@code .pub.pem}, as {@code .key.ref} (one line that refers to a key
 * elsewhere), or as {@code .pub.pem} alone where somebody else signs.
 *
 * <p>Only what has to sign is opened, so that a retired key, or one on a token that is in its safe,
 * is in nobody's way.
 */
public final class RepositoryKeys {
    private static final int MAX_KEYS = 1024;

    private final Path folder;
    private final SortedMap<KeyName, VerificationKey> keys;
    private final Map<KeyName, SigningKey> open = new TreeMap<>();

    private RepositoryKeys(Path folder, SortedMap<KeyName, VerificationKey> keys) {
        this.folder = folder;
        this.keys = keys;
    }

    /**
     * Finds the keys of these roles.
     *
     * @throws FlipsideException {@code key-missing} without such a folder, {@code key-invalid}
     */
    public static RepositoryKeys read(Path folder, Role... roles)
            throws FlipsideException, IOException {
        if (!Files.isDirectory(folder)) {
            throw new FlipsideException(
                    FailureCode.KEY_MISSING,
                    folder.toString(),
                    "a folder with keys",
                    Files.exists(folder) ? "something else" : "nothing there",
                    "check the path, or make keys with 'repo init'");
        }
        RepositoryKeys found = new RepositoryKeys(folder, new TreeMap<>());
        for (KeyName name : names(folder)) {
            if (List.of(roles).contains(name.seat().role())) {
                found.keys.put(name, found.publicHalf(name));
            }
        }
        return found;
    }

    /** No keys at all: others sign. */
    static RepositoryKeys none(Path folder) {
        return new RepositoryKeys(folder, new TreeMap<>());
    }

    private static NavigableSet<KeyName> names(Path folder) throws FlipsideException, IOException {
        NavigableSet<KeyName> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> KeyName.ofFile(file.getFileName().toString()))
                    .flatMap(Optional::stream)
                    .limit(3L * MAX_KEYS)
                    .forEach(names::add);
        }
        if (names.size() > MAX_KEYS) {
            throw new FlipsideException(
                    FailureCode.KEY_INVALID,
                    folder.toString(),
                    "at most " + MAX_KEYS + " keys",
                    "more",
                    "take away those that were retired");
        }
        return names;
    }

    private VerificationKey publicHalf(KeyName name) throws FlipsideException, IOException {
        Optional<VerificationKey> key = name.files(folder).verificationKey();
        return key.isPresent() ? key.get() : open(name).verificationKey();
    }

    private SigningKey open(KeyName name) throws FlipsideException, IOException {
        SigningKey known = open.get(name);
        if (known != null) {
            return known;
        }
        KeyFiles files = name.files(folder);
        Optional<String> reference = files.reference();
        SigningKey key =
                reference.isPresent() ? SigningKey.open(reference.get()) : SigningKey.read(files);
        VerificationKey expected = keys.get(name);
        if (expected != null && !expected.keyId().equals(key.verificationKey().keyId())) {
            throw new FlipsideException(
                    FailureCode.KEY_INVALID,
                    folder.resolve(name.toString()) + ".key.ref",
                    "the key in " + name + ".pub.pem",
                    "another one",
                    "correct the reference, or the public key beside it");
        }
        open.put(name, key);
        return key;
    }

    private boolean canSign(KeyName name) throws FlipsideException, IOException {
        KeyFiles files = name.files(folder);
        return files.exist() || files.reference().isPresent();
    }

    /** Makes a first key for each role that has none. */
    static void makeMissing(Path folder, KeyAlgorithm algorithm)
            throws FlipsideException, IOException {
        NavigableSet<KeyName> names = names(folder);
        for (Role role : Role.values()) {
            if (names.stream().noneMatch(name -> name.seat().equals(Seat.of(role)))) {
                make(folder, new KeyName(Seat.of(role), 1), algorithm);
            }
        }
    }

    private static void make(Path folder, KeyName name, KeyAlgorithm algorithm)
            throws FlipsideException, IOException {
        name.files(folder).create(algorithm.generate());
    }

    /** Makes one more key. */
    KeyName makeAnother(Seat seat, KeyAlgorithm algorithm) throws FlipsideException, IOException {
        int last =
                names(folder).stream()
                        .filter(name -> name.seat().equals(seat))
                        .mapToInt(KeyName::number)
                        .max()
                        .orElse(0);
        KeyName name = new KeyName(seat, last + 1);
        make(folder, name, algorithm);
        keys.put(name, publicHalf(name));
        return name;
    }

    Path folder() {
        return folder;
    }

    /** The public halves of all keys that were found. */
    SortedMap<KeyName, VerificationKey> publicKeys() {
        return new TreeMap<>(keys);
    }

    /** The file, signed by every key at hand that one of the roots lists for its role. */
    <M extends Metadata> SignedMetadata<M> sign(SignedMetadata<M> file, List<RootMetadata> roots)
            throws FlipsideException, IOException {
        SignedMetadata<M> signed = file;
        Role role = file.metadata().role();
        for (Map.Entry<KeyName, VerificationKey> key : keys.entrySet()) {
            String keyId = key.getValue().keyId();
            if (key.getKey().seat().role() == role
                    && roots.stream().anyMatch(root -> root.keysOf(role).lists(keyId))
                    && !signed.signerIds().contains(keyId)
                    && canSign(key.getKey())) {
                byte[] message = key.getValue().toBeSigned(file.signedBytes());
                signed = signed.signedBy(keyId, open(key.getKey()).sign(message));
            }
        }
        return signed;
    }
}
