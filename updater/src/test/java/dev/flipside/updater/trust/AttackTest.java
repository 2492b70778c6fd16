package dev.flipside.updater.trust;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FaultyFolder;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.updater.source.FileSource;
import dev.flipside.updater.source.HttpSource;
import dev.flipside.updater.source.SourceLimits;
import dev.flipside.updater.source.SourceSettings;
import dev.flipside.updater.trust.Attack.Repository;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One folder for each attack; afterwards an honest repository still works. */
final class AttackTest {
    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final long MAX_ALLOCATED_BYTES = 32L << 20;

    @TempDir Path temporary;

    private final FaultyFolder folder = new FaultyFolder(1);
    private byte[] initialRoot;

    private Path write(String name, Map<String, byte[]> files) throws IOException {
        Path repository = temporary.resolve(name);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = repository.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return repository;
    }

    private byte[] fetch(Path repository, String path) throws FlipsideException {
        try (FileSource source = FileSource.open(repository)) {
            return TrustedRepository.refresh(
                            source,
                            new TrustStore(folder, initialRoot, Instant.EPOCH),
                            InstantSource.fixed(TestMetadata.NOW))
                    .fetch(path);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedWithItsOwnCodeBeforeAnythingOfItIsWritten(Attack attack)
            throws FlipsideException, IOException {
        Repository honest = new Repository(CONTENT);
        initialRoot = honest.files.get("metadata/1.root.json");
        assertArrayEquals(CONTENT, fetch(write("honest", honest.files), Repository.TARGET));
        // Of the target's content too, nothing is there that could be taken for the fetched one.
        folder.remove("targets/" + Target.of("a", CONTENT).digests().prefix());
        SortedMap<String, byte[]> before = folder.files();
        Repository attacked = new Repository(CONTENT);
        attack.make(attacked);
        Path fixture = write(attack.folder(), attacked.files);
        assertTimeoutPreemptively(BOUND, () -> assertRefusedInBounds(attack, fixture));
        assertEquals(attack.honest(), changed(before, folder.files()));
        assertStillWorks(attacked, honest);
    }

    private void assertRefusedInBounds(Attack attack, Path fixture) {
        long before = allocatedBytes();
        assertRefused(attack.code(), () -> fetch(fixture, attack.asked()));
        long allocated = allocatedBytes() - before;
        assertTrue(allocated < MAX_ALLOCATED_BYTES, () -> attack + " took " + allocated + " bytes");
    }

    // More than is ever held at once: garbage counts too.
    private static long allocatedBytes() {
        return ManagementFactory.getPlatformMXBean(ThreadMXBean.class)
                .getCurrentThreadAllocatedBytes();
    }

    private static Set<String> changed(
            SortedMap<String, byte[]> before, SortedMap<String, byte[]> after) {
        Set<String> names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        names.removeIf(name -> Arrays.equals(before.get(name), after.get(name)));
        return names;
    }

    private void assertStillWorks(Repository attacked, Repository honest)
            throws FlipsideException, IOException {
        for (var role : attacked.metadata.versions.entrySet()) {
            if (role.getKey() != Role.ROOT) {
                honest.metadata.versions.put(role.getKey(), Math.max(20L, role.getValue()));
            }
        }
        boolean rotated = folder.files().containsKey("root_history/2.root.json");
        if (rotated) {
            honest.metadata.versions.put(Role.ROOT, 3L);
        }
        honest.metadata.otherTargetsFiles.putAll(attacked.metadata.otherTargetsFiles);
        honest.publish();
        if (rotated) {
            honest.files.put("metadata/2.root.json", attacked.files.get("metadata/2.root.json"));
        } else {
            honest.files.put("metadata/1.root.json", initialRoot);
        }
        assertArrayEquals(CONTENT, fetch(write("honest-again", honest.files), Repository.TARGET));
    }

    @Test
    void givesUpOnAServerThatSendsAByteASecond() throws Exception {
        initialRoot = new Repository(CONTENT).files.get("metadata/1.root.json");
        SourceLimits limits =
                new SourceLimits(
                        2,
                        Duration.ofMillis(1),
                        Duration.ofMillis(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(2),
                        0);
        try (ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Thread slow = Thread.ofPlatform().daemon().start(() -> trickle(server));
            URI url = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/");
            try (HttpSource source = HttpSource.open(url, SourceSettings.of(limits))) {
                assertTimeoutPreemptively(
                        BOUND,
                        () ->
                                assertRefused(
                                        FailureCode.SOURCE_UNREACHABLE,
                                        () ->
                                                TrustedRepository.refresh(
                                                        source,
                                                        new TrustStore(
                                                                folder, initialRoot, Instant.EPOCH),
                                                        InstantSource.fixed(TestMetadata.NOW))));
            }
            assertTrue(slow.isAlive());
        }
        assertEquals(0, folder.files().size());
    }

    private static void trickle(ServerSocket server) {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> trickle(socket));
            }
        } catch (IOException e) {
            // The test is over.
            return;
        }
    }

    private static void trickle(Socket socket) {
        try (socket) {
            socket.getOutputStream()
                    .write(
                            "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            CountDownLatch never = new CountDownLatch(1);
            while (!never.await(1, TimeUnit.SECONDS)) {
                socket.getOutputStream().write(' ');
                socket.getOutputStream().flush();
            }
        } catch (SocketException e) {
            // The client has hung up, as it should.
            return;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
