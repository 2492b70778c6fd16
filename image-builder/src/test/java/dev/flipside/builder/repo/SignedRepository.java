package dev.flipside.builder.repo;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.builder.keys.KeyFiles;
import dev.flipside.builder.repo.RepositoryVerification.Report;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.platform.PowerLine;
import dev.flipside.repository.Channel;
import dev.flipside.tuf.Digests;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.tuf.TestSigner;
import dev.flipside.tuf.TrustedMetadata.Complete;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A repository, its keys, and what is done to it. */
abstract class SignedRepository {
    @TempDir Path folder;

    Instant now = TestMetadata.NOW;
    Path repository;
    Path keys;

    @BeforeEach
    void makeKeysThatAreTheSameInEveryRun() throws FlipsideException, IOException {
        repository = folder.resolve("repo");
        keys = Files.createDirectory(folder.resolve("keys"));
        int number = 1;
        for (Role role : Role.values()) {
            new KeyFiles(keys.resolve(role.code() + "-1"))
                    .create(TestSigner.number(number++).pair());
        }
    }

    InstantSource clock() {
        return InstantSource.fixed(now);
    }

    Publisher publisher() {
        return new Publisher(repository, keys, clock());
    }

    void init() throws FlipsideException, IOException {
        RepositoryInit.run(publisher(), RepositoryInit.Request.USUAL);
    }

    ReleasePublication.Published publish(TestRelease release)
            throws FlipsideException, IOException {
        return publish(release.writeTo(folder.resolve("release-" + release.version())));
    }

    ReleasePublication.Published publish(Path release) throws FlipsideException, IOException {
        return ReleasePublication.run(publisher(), release);
    }

    Channel promote(String channel, String version) throws FlipsideException, IOException {
        return promote(new ChannelPromotion.Request(channel, version));
    }

    Channel promote(ChannelPromotion.Request request) throws FlipsideException, IOException {
        return ChannelPromotion.run(publisher(), request).channel();
    }

    Report verify() throws FlipsideException, IOException {
        return RepositoryVerification.run(repository, clock());
    }

    Complete metadata() throws FlipsideException, IOException {
        return RepositoryFiles.open(repository).metadata(now);
    }

    SortedMap<String, String> digests() throws IOException {
        SortedMap<String, String> digests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(repository)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                digests.put(
                        repository.relativize(file).toString(),
                        Digests.sha256(Files.readAllBytes(file)));
            }
        }
        return digests;
    }

    void assertRefusedWithoutATrace(
            FailureCode code, org.junit.jupiter.api.function.Executable action) throws IOException {
        Map<String, String> before = digests();
        assertRefused(code, action);
        assertEquals(before, digests());
    }

    void writeChannel(Channel channel) throws FlipsideException, IOException {
        try (RepositoryWriter writer = RepositoryWriter.open(publisher())) {
            TargetChanges changes = writer.changes();
            new ChannelFiles(changes).put(channel);
            writer.publish(
                    changes,
                    RepositoryKeys.read(keys, Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP));
        }
    }

    /** A copy of the repository, whose power can be cut. */
    FaultyFolder copy(long seed) throws IOException {
        FaultyFolder whole = new FaultyFolder(seed);
        for (String path : digests().keySet()) {
            whole.plant(path, Files.readAllBytes(repository.resolve(path)));
        }
        return whole;
    }

    /** Changes such a copy. */
    RepositoryWriter writerOf(FaultyFolder target, PowerLine line)
            throws FlipsideException, IOException {
        target.plugInto(line);
        return new RepositoryWriter(
                new RepositoryFiles(repository, target, RepositorySettings.DEFAULT),
                () -> {},
                publisher());
    }

    void publishTo(FaultyFolder target, PowerLine line, Path release)
            throws FlipsideException, IOException {
        RepositoryWriter writer =
                writerOf(target, line).load(files -> files.metadata(RepositoryFiles.WHENEVER));
        new ReleasePublication(writer, release)
                .publish(RepositoryKeys.read(keys, Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP));
    }

    Report verify(FaultyFolder torn) throws FlipsideException, IOException {
        RepositoryFiles files = new RepositoryFiles(repository, torn, RepositorySettings.DEFAULT);
        return new RepositoryVerification(files, files.metadata(now)).verify();
    }
}
