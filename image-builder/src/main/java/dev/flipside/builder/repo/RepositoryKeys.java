package dev.flipside.builder.repo;

import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.builder.keys.KeyFiles;
import dev.flipside.builder.keys.SigningKey;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Metadata;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RoleKeys;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of a repository, from a folder with {@code ROLE-N.key.pem} and {@code ROLE-N.pub.pem}, N
 * from 1 without a gap; or with {@code ROLE-N.key.ref}, one line that refers to a key elsewhere.
 * Only the roles that are asked for are read, so that the keys of the others can lie elsewhere.
 */
public final class RepositoryKeys {
    private static final int MAX_KEYS_OF_A_ROLE = 64;

    private final Path folder;
    private final Map<Role, List<RoleKey>> keys;

    private record RoleKey(SigningKey signingKey, VerificationKey publicKey) {}

    private RepositoryKeys(Path folder, Map<Role, List<RoleKey>> keys) {
        this.folder = folder;
        this.keys = keys;
    }

    /** Reads all keys of these roles. */
    public static RepositoryKeys read(Path folder, Role... roles)
            throws FlipsideException, IOException {
        Map<Role, List<RoleKey>> keys = new EnumMap<>(Role.class);
        for (Role role : roles) {
            List<RoleKey> ofRole = new ArrayList<>();
            for (int number = 1; number <= MAX_KEYS_OF_A_ROLE; number++) {
                Optional<SigningKey> key = open(folder, role, number);
                if (key.isEmpty()) {
                    break;
                }
                ofRole.add(new RoleKey(key.get(), key.get().verificationKey()));
            }
            keys.put(role, ofRole);
        }
        return new RepositoryKeys(folder, keys);
    }

    private static Optional<SigningKey> open(Path folder, Role role, int number)
            throws FlipsideException, IOException {
        KeyFiles files = files(folder, role, number);
        Optional<String> reference = files.reference();
        if (reference.isPresent()) {
            return Optional.of(SigningKey.open(reference.get()));
        }
        return files.exist() ? Optional.of(SigningKey.read(files)) : Optional.empty();
    }

    /** Makes a first key for each role that has none. */
    static void makeMissing(Path folder) throws FlipsideException, IOException {
        for (Role role : Role.values()) {
            KeyFiles files = files(folder, role, 1);
            if (!files.exist() && files.reference().isEmpty()) {
                files.create(KeyAlgorithm.ED25519.generate());
            }
        }
    }

    private static KeyFiles files(Path folder, Role role, int number) {
        return new KeyFiles(folder.resolve(role.code() + "-" + number));
    }

    List<VerificationKey> publicKeys(Role role) {
        return keys.get(role).stream().map(RoleKey::publicKey).toList();
    }

    /**
     * The metadata file, signed by every key at hand that its role lists.
     *
     * @throws FlipsideException {@code key-missing} when they are fewer than the threshold
     */
    byte[] sign(Metadata metadata, RoleKeys signers) throws FlipsideException {
        SignedMetadata<Metadata> file = SignedMetadata.unsigned(metadata);
        for (RoleKey key : keys.get(metadata.role())) {
            String keyId = key.publicKey().keyId();
            if (signers.lists(keyId)) {
                byte[] message = key.publicKey().toBeSigned(file.signedBytes());
                file = file.signedBy(keyId, key.signingKey().sign(message));
            }
        }
        int signatures = file.signerIds().size();
        if (signatures < signers.threshold()) {
            throw new FlipsideException(
                    FailureCode.KEY_MISSING,
                    folder + ": keys of the " + metadata.role().code() + " role",
                    signers.threshold() + " key(s) that the repository's root lists",
                    Integer.toString(signatures),
                    "give the folder with the keys that this repository was made with");
        }
        return file.encode();
    }
}
