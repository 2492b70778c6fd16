package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFolder;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RoleKeys;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** {@code repo init}: an empty repository, and the keys that are still missing for it. */
public final class RepositoryInit {
    private static final int THRESHOLD = 1;

    private RepositoryInit() {}

    /**
     * @return the root that images have to bring along, for hosts to trust this repository
     * @throws FlipsideException {@code output-exists} when there is a repository already
     */
    public static Path run(
            Path repository, Path keyFolder, Lifetimes lifetimes, InstantSource clock)
            throws FlipsideException, IOException {
        try (RepositoryWriter writer = RepositoryWriter.create(repository, clock, lifetimes)) {
            requireNone(writer.files());
            DiskFolder.create(keyFolder);
            RepositoryKeys.makeMissing(keyFolder);
            RepositoryKeys keys = RepositoryKeys.read(keyFolder, Role.values());
            writer.start(root(keys, writer), keys);
        }
        return repository.resolve(RepositoryLayout.metadata(Role.ROOT, 1));
    }

    // The timestamp is written last: without it, an earlier 'init' was cut off, and starts again.
    private static void requireNone(RepositoryFiles files) throws FlipsideException, IOException {
        String timestamp = RepositoryLayout.metadata(Role.TIMESTAMP);
        if (files.folder().sizeBytes(timestamp).isPresent()) {
            throw new FlipsideException(
                    FailureCode.OUTPUT_EXISTS,
                    files.path().toString(),
                    "no repository yet",
                    timestamp,
                    "give another folder, or go on with 'repo publish'");
        }
    }

    private static RootMetadata root(RepositoryKeys keys, RepositoryWriter writer) {
        SortedMap<String, VerificationKey> all = new TreeMap<>();
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            Set<String> keyIds = new LinkedHashSet<>();
            for (VerificationKey key : keys.publicKeys(role)) {
                all.put(key.keyId(), key);
                keyIds.add(key.keyId());
            }
            roles.put(role, new RoleKeys(keyIds, THRESHOLD));
        }
        return new RootMetadata(1, writer.expiry(Role.ROOT), true, all, roles);
    }
}
