package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.platform.DiskFolder;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.updater.source.HttpSource;
import dev.flipside.updater.source.SourceLimits;
import dev.flipside.updater.source.SourceSettings;
import dev.flipside.updater.trust.TrustStore;
import dev.flipside.updater.trust.TrustedRepository;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a poll costs when there is nothing new, as a real server counts it. */
final class IdlePollTest {
    private static final byte[] CHANNEL = "a channel".getBytes(StandardCharsets.UTF_8);

    private static final List<String> IDLE =
            List.of("GET /metadata/2.root.json 404 0 -", "GET /metadata/timestamp.json 304 0 -");

    @TempDir Path temporary;

    private final TestMetadata metadata = new TestMetadata();

    private Path repository() throws Exception {
        Path root = Files.createDirectory(temporary.resolve("root"));
        Target channel = Target.of("channels/stable.json", CHANNEL);
        metadata.targets.put(channel.path(), channel);
        write(root, RepositoryLayout.target(channel, true), CHANNEL);
        write(root, RepositoryLayout.metadata(Role.ROOT, 1), metadata.rootFile());
        publish(root);
        return root;
    }

    private void publish(Path root) throws Exception {
        long targets = metadata.versions.get(Role.TARGETS);
        long snapshot = metadata.versions.get(Role.SNAPSHOT);
        write(root, RepositoryLayout.metadata(Role.TARGETS, targets), metadata.targetsFile());
        write(root, RepositoryLayout.metadata(Role.SNAPSHOT, snapshot), metadata.snapshotFile());
        String timestamp = RepositoryLayout.metadata(Role.TIMESTAMP);
        write(root, timestamp, metadata.timestampFile());
        // nginx makes an ETag of length and second: two of one length need not be of one second.
        Files.setLastModifiedTime(
                root.resolve(timestamp),
                FileTime.from(TestMetadata.NOW.plusSeconds(metadata.versions.get(Role.TIMESTAMP))));
    }

    private static void write(Path root, String path, byte[] content) throws Exception {
        Files.createDirectories(root.resolve(path).getParent());
        Files.write(root.resolve(path), content);
    }

    /** As a command does it: everything is opened again each time. */
    private void poll(URI uri) throws Exception {
        try (HttpSource source =
                HttpSource.open(uri.resolve("/"), SourceSettings.of(SourceLimits.usual()))) {
            TrustStore store =
                    new TrustStore(
                            DiskFolder.create(temporary.resolve("trust")),
                            metadata.rootFile(),
                            Instant.EPOCH);
            assertArrayEquals(
                    CHANNEL,
                    TrustedRepository.refresh(source, store, InstantSource.fixed(TestMetadata.NOW))
                            .fetch("channels/stable.json"));
        }
    }

    private static List<String> requests(NginxServer server, int expected) throws Exception {
        Awaitility.await().until(() -> server.requests().size() >= expected);
        return server.requests().subList(expected - 2, server.requests().size());
    }

    @Test
    void isTwoRequestsWithEmptyAnswers() throws Exception {
        Path root = repository();
        try (NginxServer server = NginxServer.serve(root, temporary.resolve("nginx"))) {
            poll(server.uri());
            assertEquals(5, requests(server, 5).size() + 3);
            poll(server.uri());
            assertEquals(IDLE, requests(server, 7));
            // The same on the day after, with a timestamp that was signed again.
            metadata.raise(Role.TIMESTAMP);
            publish(root);
            poll(server.uri());
            assertEquals(
                    "GET /metadata/timestamp.json 200 " + metadata.timestampFile().length + " -",
                    requests(server, 9).getLast());
            poll(server.uri());
            assertEquals(IDLE, requests(server, 11));
        }
    }

    @Test
    void ofAHostThatHasAllThatItsChannelOffersIsTheSame() throws Exception {
        Workbench bench = Workbench.open(temporary);
        bench.build("1", SmallRoot.of("1"));
        bench.publish("1");
        NginxServer server = NginxServer.serve(bench.repository(), temporary.resolve("nginx"));
        try (server) {
            Workbench.Host host = bench.install(bench.disk("1", "16MiB"), "host", server.uri());
            host.boot();
            host.flipctl("check");
            host.flipctl("check");
            host.flipctl("check");
        }
        // All is in the log once the server has ended: of the last two polls, and nothing between.
        List<String> all = server.requests();
        List<String> twice = Stream.concat(IDLE.stream(), IDLE.stream()).toList();
        assertEquals(twice, all.subList(all.size() - 4, all.size()));
    }
}
