package dev.flipside.integration;

import dev.flipside.builder.keys.KeyFiles;
import dev.flipside.builder.keys.SigningKey;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.MetaFile;
import dev.flipside.tuf.Metadata;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.SnapshotMetadata;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TargetsMetadata;
import dev.flipside.tuf.TimestampMetadata;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

/** What a vendor with the right keys and with other tools could publish. */
final class RepositorySurgery {
    private final Path repository;
    private final Path keys;

    RepositorySurgery(Path repository, Path keys) {
        this.repository = repository;
        this.keys = keys;
    }

    /** Publishes any bytes as a target, signed as it should be. */
    void publish(String targetPath, byte[] content) throws Exception {
        TimestampMetadata timestamp =
                SignedMetadata.timestamp(read(RepositoryLayout.metadata(Role.TIMESTAMP)))
                        .metadata();
        long snapshotVersion = timestamp.snapshot().version();
        SnapshotMetadata snapshot =
                SignedMetadata.snapshot(
                                read(RepositoryLayout.metadata(Role.SNAPSHOT, snapshotVersion)))
                        .metadata();
        long targetsVersion = snapshot.meta().get(Role.TARGETS.fileName()).version();
        TargetsMetadata targets =
                SignedMetadata.targets(
                                read(RepositoryLayout.metadata(Role.TARGETS, targetsVersion)))
                        .metadata();

        Target target = Target.of(targetPath, content);
        TreeMap<String, Target> all = new TreeMap<>(targets.targets());
        all.put(targetPath, target);
        write(RepositoryLayout.target(target, true), content);
        byte[] targetsFile =
                signed(new TargetsMetadata(targetsVersion + 1, targets.expires(), all));
        write(RepositoryLayout.metadata(Role.TARGETS, targetsVersion + 1), targetsFile);
        TreeMap<String, MetaFile> meta = new TreeMap<>(snapshot.meta());
        meta.put(Role.TARGETS.fileName(), MetaFile.of(targetsVersion + 1, targetsFile));
        byte[] snapshotFile =
                signed(new SnapshotMetadata(snapshotVersion + 1, snapshot.expires(), meta));
        write(RepositoryLayout.metadata(Role.SNAPSHOT, snapshotVersion + 1), snapshotFile);
        write(
                RepositoryLayout.metadata(Role.TIMESTAMP),
                signed(
                        new TimestampMetadata(
                                timestamp.version() + 1,
                                timestamp.expires(),
                                MetaFile.of(snapshotVersion + 1, snapshotFile))));
    }

    private byte[] signed(Metadata metadata) throws Exception {
        SigningKey key = SigningKey.read(new KeyFiles(keys.resolve(metadata.role().code() + "-1")));
        SignedMetadata<Metadata> unsigned = SignedMetadata.unsigned(metadata);
        return unsigned.signedBy(key.verificationKey().keyId(), key.sign(unsigned.signedBytes()))
                .encode();
    }

    private byte[] read(String path) throws Exception {
        return Files.readAllBytes(repository.resolve(path));
    }

    private void write(String path, byte[] content) throws Exception {
        Path file = repository.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }
}
