package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishers of several kinds, and what hosts make of it: all through the real commands. */
final class PublishersTest {
    private static final CommandLine IMAGE = CommandLine.flipsideImage();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int PUBLISHERS = 4;

    @TempDir Path folder;

    /** A signing command as a vendor writes one: around a key that only it can read. */
    private Path signingCommand(String before) throws Exception {
        Path key = folder.resolve("vault");
        IMAGE.check("key", "generate", "--algorithm", "ecdsa-p256", "--out", key);
        Path script = Files.createFile(folder.resolve("sign.sh"));
        Files.writeString(
                script,
                """
                #!/bin/sh
                case $1 in
                public-key) exec cat %1$s.pub.pem ;;
                sign) %3$s
                  exec %2$s dgst -sha256 -sign %1$s.key.pem ;;
                esac
                exit 8
                """
                        .formatted(key, String.join(" ", Tools.find("openssl").command()), before));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    /** Builds, publishes and installs release 1, publishes 2, and updates a host to it. */
    private void updatesAHost(Workbench bench) throws Exception {
        Workbench.Host host = bench.withTwoReleases().hostOfTheFirst();
        bench.publish("2");
        host.flipctl("update");
        host.boot();
        host.expect("2", "1", "committed");
    }

    @Test
    void aHostUpdatesFromARepositoryWhoseTargetsKeyIsOnAToken() throws Exception {
        SoftToken token = SoftToken.make(folder);
        token.makeKey("EC:secp384r1", "targets", "01");
        Path keys = Files.createDirectory(folder.resolve("keys"));
        Files.writeString(
                keys.resolve("targets-1.key.ref"),
                SoftToken.uri("object=targets", "pin-value=" + SoftToken.PIN));
        Workbench bench = Workbench.open(folder, token.flipsideImage());
        assertTrue(Files.notExists(keys.resolve("targets-1.key.pem")));
        updatesAHost(bench);
    }

    @Test
    void aHostUpdatesFromARepositoryThatAnExternalCommandSigns() throws Exception {
        Path keys = Files.createDirectory(folder.resolve("keys"));
        Files.writeString(keys.resolve("targets-1.key.ref"), "exec:" + signingCommand(":"));
        updatesAHost(Workbench.open(folder));
    }

    @Test
    void aHostThatWasOffFollowsTenRootsAndNewKeysOfEveryRole() throws Exception {
        Workbench bench = Workbench.open(folder).withTwoReleases();
        Workbench.Host host = bench.hostOfTheFirst();
        host.flipctl("check");
        for (int count = 0; count < 10; count++) {
            rotate(bench, "root");
        }
        for (String role : List.of("targets", "snapshot", "timestamp")) {
            rotate(bench, role);
        }
        bench.publish("2");
        host.flipctl("update");
        host.boot();
        host.expect("2", "1", "committed");
        IMAGE.check("repo", "verify", "--repo", bench.repository());
    }

    private static void rotate(Workbench bench, String role) throws Exception {
        IMAGE.check("repo", "rotate", role, "--repo", bench.repository(), "--keys", bench.keys());
    }

    @Test
    void aSecondPublisherIsToldAndAKilledOneLeavesTheOldStateWhole() throws Exception {
        Path signing = folder.resolve("signing");
        Path keys = Files.createDirectory(folder.resolve("keys"));
        // Once the file is there, the command tells that it was asked, and never answers.
        String stop = "[ ! -e %1$s ] || { rm %1$s; exec sleep 600; }".formatted(signing);
        Path command = signingCommand(stop);
        Files.writeString(keys.resolve("targets-1.key.ref"), "exec:" + command);
        Workbench bench = Workbench.open(folder);
        bench.build("1", SmallRoot.of("1"));
        bench.publish("1");
        var before = Workbench.contents(bench.repository());

        Files.createFile(signing);
        Process first =
                new ProcessBuilder(
                                IMAGE.writeTo(folder).toString(),
                                "repo",
                                "promote",
                                "beta",
                                "1",
                                "--repo",
                                bench.repository().toString(),
                                "--keys",
                                keys.toString())
                        .start();
        List<ProcessHandle> all = new ArrayList<>();
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> !Files.exists(signing));
            String line =
                    IMAGE.refuses(
                            FailureCode.REPOSITORY_BUSY,
                            "repo",
                            "refresh",
                            "--repo",
                            bench.repository(),
                            "--keys",
                            keys);
            assertTrue(line.contains("another process has locked"), line);
            IMAGE.check("repo", "verify", "--repo", bench.repository());
        } finally {
            first.descendants().forEach(all::add);
            first.destroyForcibly().waitFor();
            all.forEach(ProcessHandle::destroyForcibly);
        }
        assertEquals(before, Workbench.contents(bench.repository()));
        IMAGE.check("repo", "refresh", "--repo", bench.repository(), "--keys", keys);
    }

    @Test
    void publishersThatRaceLoseNothing() throws Exception {
        Workbench bench = Workbench.open(folder);
        bench.build("1", SmallRoot.of("1"));
        bench.publish("1");
        try (ExecutorService threads = Executors.newFixedThreadPool(PUBLISHERS)) {
            List<Future<Integer>> tries = new ArrayList<>();
            for (int number = 0; number < PUBLISHERS; number++) {
                String channel = "channel-" + number;
                tries.add(threads.submit(() -> promoteUntilDone(bench, channel)));
            }
            int all = 0;
            for (Future<Integer> each : tries) {
                all += each.get();
            }
            assertNotEquals(0, all);
        }
        String verified = IMAGE.check("repo", "verify", "--repo", bench.repository());
        assertTrue(verified.contains((PUBLISHERS + 1) + " channels"), verified);
    }

    /** Tries again as long as the repository is busy; anything else ends it. */
    private static int promoteUntilDone(Workbench bench, String channel) throws Exception {
        for (int tries = 1; tries <= 20 * PUBLISHERS; tries++) {
            CommandLine.Outcome outcome =
                    IMAGE.run(
                            "repo",
                            "promote",
                            channel,
                            "1",
                            "--repo",
                            bench.repository(),
                            "--keys",
                            bench.keys());
            if (outcome.exitCode() == 0) {
                return tries;
            }
            assertTrue(outcome.err().contains("[repository-busy]"), outcome::toString);
        }
        throw new AssertionError(channel + " never gets its turn");
    }
}
