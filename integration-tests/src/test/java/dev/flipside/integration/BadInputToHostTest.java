package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.failure.FailureCode;
import dev.flipside.platform.BlockDevice;
import dev.flipside.release.Architecture;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.updater.host.HostDisk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a host cannot use it refuses in one line, with the exit code of its group; the booted slot
 * and its entry stay as they were, byte for byte, and no temporary file is left.
 */
class BadInputToHostTest {
    @TempDir static Path vendor;
    private static Path pristine;
    private static Path pristineRepository;

    @TempDir Path folder;
    private Workbench.Host host;
    private Path repository;
    private SortedMap<String, String> bootBefore;
    private String slotBefore;
    private Partition booted;

    @BeforeAll
    static void installAndPublish() throws Exception {
        Workbench bench = Workbench.open(vendor);
        bench.build("1", SmallRoot.of("1"));
        bench.build("2", SmallRoot.of("2"));
        byte[] large = new byte[8 << 20];
        new SplittableRandom(1).nextBytes(large);
        bench.build("9", SmallRoot.of("9").with("usr/share/large", large));
        bench.publish("1");
        Workbench.Host installed =
                bench.install(bench.disk("1", "4MiB"), "host", bench.repository().toUri());
        installed.boot();
        bench.publish("9");
        bench.publish("2");
        pristine = installed.folder();
        pristineRepository = bench.repository();
    }

    @BeforeEach
    void copyTheHost() throws Exception {
        Path copy = folder.resolve("host");
        copyTree(pristine, copy);
        repository = folder.resolve("repo");
        copyTree(pristineRepository, repository);
        String text = Files.readString(copy.resolve("flipside.toml"));
        Files.writeString(
                copy.resolve("flipside.toml"),
                text.replace(pristine.toString(), copy.toString())
                        .replace(
                                pristineRepository.toUri().toString(),
                                repository.toUri().toString()));
        host = new Workbench.Host(copy);
        try (BlockDevice disk = new HostDisk(copy.resolve("disk.raw")).openForReading()) {
            booted = Gpt.read(disk).gpt().partitions().get(1);
        }
        bootBefore = Workbench.contents(copy.resolve("esp"));
        slotBefore = slot();
    }

    @AfterEach
    void theBootedSlotAndItsEntryAreUntouchedAndNothingIsLeft() throws Exception {
        if (Files.isRegularFile(host.folder().resolve("disk.raw"))
                && Files.size(host.folder().resolve("disk.raw"))
                        == Files.size(pristine.resolve("disk.raw"))) {
            assertEquals(slotBefore, slot());
        }
        assertEquals(bootBefore, Workbench.contents(host.folder().resolve("esp")));
        try (Stream<Path> files = Files.walk(host.folder())) {
            assertEquals(
                    0, files.filter(it -> it.getFileName().toString().startsWith(".tmp-")).count());
        }
    }

    @Test
    void refusesATimestampWithAWrongSignature() throws Exception {
        Path timestamp = repository.resolve("metadata/timestamp.json");
        String text = Files.readString(timestamp);
        int digit = text.indexOf("\"sig\":\"") + "\"sig\":\"".length();
        assertTrue(digit > 10, text);
        char other = text.charAt(digit) == '0' ? '1' : '0';
        Files.writeString(timestamp, text.substring(0, digit) + other + text.substring(digit + 1));
        String line = host.refuses(FailureCode.SIGNATURE_INVALID, "update");
        assertTrue(line.contains("timestamp"), line);
    }

    @Test
    void refusesMetadataThatHadExpiredWhenTheImageWasBuilt() throws Exception {
        Path epoch = host.folder().resolve("system/usr/lib/clock-epoch");
        Files.createFile(epoch);
        Files.setLastModifiedTime(epoch, FileTime.from(Instant.parse("2099-01-01T00:00:00Z")));
        String line = host.refuses(FailureCode.METADATA_EXPIRED, "update");
        assertTrue(line.contains("2099-01-01T00:00:00Z"), line);
    }

    @Test
    void refusesTargetsThatWereChangedAfterTheyWereSigned() throws Exception {
        Path targets = newest("targets.json");
        Files.writeString(targets, Files.readString(targets).replace("\"version\"", "\"Version\""));
        String line = host.refuses(FailureCode.METADATA_MISMATCH, "update");
        assertTrue(line.contains("targets"), line);
    }

    @Test
    void holdsAReleaseWhoseManifestHasAnUnknownFormat() throws Exception {
        String manifest =
                Files.readString(vendor.resolve("release-2/release.json"))
                        .replaceFirst("\"format\" *: *1", "\"format\" : 2");
        assertTrue(manifest.contains("\"format\" : 2"), manifest);
        new RepositorySurgery(repository, vendor.resolve("keys"))
                .publish(
                        RepositoryLayout.release("small", Architecture.X86_64, "7"),
                        manifest.replace("\"2\"", "\"7\"").getBytes(StandardCharsets.UTF_8));
        String line = host.refuses(FailureCode.UPDATE_HELD, "update", "7");
        assertTrue(line.contains("format"), line);
    }

    @Test
    void holdsAReleaseThatIsLargerThanItsSlot() throws Exception {
        String line = host.refuses(FailureCode.UPDATE_HELD, "update", "9");
        assertTrue(line.contains("bytes"), line);
    }

    @Test
    void refusesADiskThatEndsTooEarly() throws Exception {
        try (RandomAccessFile file =
                new RandomAccessFile(host.folder().resolve("disk.raw").toFile(), "rw")) {
            file.setLength(1 << 20);
        }
        host.refuses(FailureCode.GPT_MALFORMED, "update");
    }

    @Test
    void refusesADiskThatIsNotThere() throws Exception {
        Files.delete(host.folder().resolve("disk.raw"));
        String line = host.refuses(FailureCode.DISK_UNREADABLE, "update");
        assertTrue(line.contains("disk"), line);
    }

    @Test
    void refusesADiskThatIsAFolder() throws Exception {
        Files.delete(host.folder().resolve("disk.raw"));
        Files.createDirectory(host.folder().resolve("disk.raw"));
        host.refuses(FailureCode.DISK_UNREADABLE, "update");
    }

    @Test
    void refusesARepositoryThatIsNotThere() throws Exception {
        deleteTree(repository);
        host.refuses(FailureCode.SOURCE_UNREACHABLE, "update");
    }

    @Test
    void refusesBlocksThatWereChanged() throws Exception {
        String sha256 = Digest.sha256(vendor.resolve("release-2/blocks.pack"));
        Path pack = repository.resolve(RepositoryLayout.blob(sha256));
        byte[] bytes = Files.readAllBytes(pack);
        for (int i = 20; i < bytes.length; i += 512) {
            bytes[i] ^= 1;
        }
        Files.write(pack, bytes);
        CommandLine.Outcome outcome =
                CommandLine.flipctl().run("--config", host.configuration(), "update");
        assertEquals(10, outcome.exitCode(), outcome::toString);
        assertEquals(1, outcome.err().lines().count(), outcome::toString);
    }

    @Test
    void refusesAManifestThatIsNotTheSignedOne() throws Exception {
        Path release = newestTarget("2");
        Files.writeString(release, Files.readString(release).replace("\"small\"", "\"large\""));
        CommandLine.Outcome outcome =
                CommandLine.flipctl().run("--config", host.configuration(), "update");
        assertEquals(10, outcome.exitCode(), outcome::toString);
        assertEquals(1, outcome.err().lines().count(), outcome::toString);
    }

    private Path newest(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(repository.resolve("metadata"))) {
            return files.filter(file -> file.toString().endsWith("." + suffix))
                    .max(
                            java.util.Comparator.comparingInt(
                                    file ->
                                            Integer.parseInt(
                                                    file.getFileName().toString().split("\\.")[0])))
                    .orElseThrow();
        }
    }

    private Path newestTarget(String version) throws IOException {
        Path at = repository.resolve("targets/releases/small/x86-64/" + version);
        try (Stream<Path> files = Files.list(at)) {
            return files.findFirst().orElseThrow();
        }
    }

    private String slot() throws IOException {
        return Digest.sha256(
                host.folder().resolve("disk.raw"), booted.offsetBytes(512), booted.sizeBytes(512));
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file)),
                        java.nio.file.LinkOption.NOFOLLOW_LINKS,
                        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static void deleteTree(Path top) throws IOException {
        Files.walkFileTree(
                top,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path folder, IOException failure)
                            throws IOException {
                        Files.delete(folder);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
