package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the builder cannot use it refuses in one line, and leaves nothing behind. */
class BadInputToBuildTest {
    @TempDir Path folder;

    @Test
    void refusesATruncatedTar() throws Exception {
        Path tar = SmallRoot.of("1").writeTar(folder.resolve("root.tar"));
        byte[] bytes = Files.readAllBytes(tar);
        Files.write(tar, java.util.Arrays.copyOf(bytes, bytes.length / 2 + 100));
        String line = refusesToBuild(FailureCode.TAR_MALFORMED, tar);
        assertTrue(line.contains("root.tar"), line);
    }

    @Test
    void refusesATarThatEndsWithoutItsEndMark() throws Exception {
        Path tar = SmallRoot.of("1").writeTar(folder.resolve("root.tar"));
        byte[] bytes = Files.readAllBytes(tar);
        int end = bytes.length;
        while (bytes[end - 1] == 0) {
            end--;
        }
        // The last content is whole, and all of the zeros that end an archive are gone.
        Files.write(tar, java.util.Arrays.copyOf(bytes, (end + 511) / 512 * 512));
        refusesToBuild(FailureCode.TAR_MALFORMED, tar);
    }

    @Test
    void refusesAnAbsolutePathInATar() throws Exception {
        String line = refusesToBuild(FailureCode.TAR_PATH_UNSAFE, tarWith("/etc/passwd"));
        assertTrue(line.contains("/etc/passwd"), line);
    }

    @Test
    void refusesAPathWithDotDotInATar() throws Exception {
        String line = refusesToBuild(FailureCode.TAR_PATH_UNSAFE, tarWith("usr/../../etc/passwd"));
        assertTrue(line.contains("usr/../../etc/passwd"), line);
    }

    @Test
    void refusesAFileThatIsNoTar() throws Exception {
        Path file = Files.write(folder.resolve("root.tar"), new byte[] {1, 2, 3});
        refusesToBuild(FailureCode.TAR_MALFORMED, file);
    }

    @Test
    void refusesARootWithoutAKernel() throws Exception {
        Path tar =
                SmallRoot.of("1")
                        .without("usr/lib/modules/6.12.0-small/vmlinuz")
                        .writeTar(folder.resolve("root.tar"));
        refusesToBuild(FailureCode.INPUT_MISSING, tar);
    }

    @Test
    void refusesASlotThatIsTooSmallForTheRelease() throws Exception {
        buildRelease(SmallRoot.of("1").with("usr/share/large", new byte[2 << 20]));
        String line = refusesDisk(FailureCode.SLOT_TOO_SMALL, "--slot-size", "1MiB");
        assertTrue(line.contains("1048576"), line);
    }

    @Test
    void refusesAnEspThatIsFullBeforeTheSecondUki() throws Exception {
        byte[] initrd = new byte[20 << 20];
        new java.util.SplittableRandom(1).nextBytes(initrd);
        ByteBuffer.wrap(initrd).put("070701".getBytes(StandardCharsets.US_ASCII));
        buildRelease(SmallRoot.of("1").with("usr/lib/modules/6.12.0-small/initrd", initrd));
        refusesDisk(FailureCode.ESP_TOO_SMALL, "--slot-size", "64MiB", "--esp-size", "36MiB");
    }

    @Test
    void refusesToPublishAManifestWithAnUnknownFormat() throws Exception {
        buildRelease(SmallRoot.of("1"));
        Path manifest = folder.resolve("release/release.json");
        String text = Files.readString(manifest);
        String newer = text.replaceFirst("\"format\" *: *1", "\"format\" : 2");
        assertTrue(!newer.equals(text), text);
        Files.writeString(manifest, newer);
        Path repository = folder.resolve("repo");
        CommandLine image = CommandLine.flipsideImage();
        image.check("repo", "init", "--repo", repository, "--keys", folder.resolve("keys"));
        List<String> before = names();
        String line =
                image.refuses(
                        FailureCode.MANIFEST_FORMAT_UNKNOWN,
                        "repo",
                        "publish",
                        "--repo",
                        repository,
                        "--keys",
                        folder.resolve("keys"),
                        "--release",
                        folder.resolve("release"));
        assertTrue(line.contains("2"), line);
        assertEquals(before, names());
    }

    private String refusesDisk(FailureCode code, String... options) throws Exception {
        List<String> before = names();
        List<Object> line =
                new ArrayList<>(
                        List.of(
                                "disk",
                                "--release",
                                folder.resolve("release"),
                                "--out",
                                folder.resolve("disk.raw")));
        line.addAll(List.of(options));
        String refusal = CommandLine.flipsideImage().refuses(code, line.toArray());
        assertEquals(before, names());
        return refusal;
    }

    private void buildRelease(SmallRoot root) throws IOException {
        CommandLine.flipsideImage()
                .check(
                        "build",
                        "--rootfs",
                        root.writeTar(folder.resolve("root.tar")),
                        "--product",
                        "small",
                        "--version",
                        "1",
                        "--out",
                        folder.resolve("release"),
                        "--pack-level",
                        "1");
    }

    private Path tarWith(String path) throws IOException {
        Path tar = folder.resolve("root.tar");
        try (TarArchiveOutputStream out =
                new TarArchiveOutputStream(Files.newOutputStream(tar), "UTF-8")) {
            byte[] content = "root::0:0::/:/bin/sh\n".getBytes(StandardCharsets.UTF_8);
            TarArchiveEntry entry = new TarArchiveEntry(path, true);
            entry.setSize(content.length);
            out.putArchiveEntry(entry);
            out.write(content);
            out.closeArchiveEntry();
        }
        return tar;
    }

    private String refusesToBuild(FailureCode code, Path tar) throws IOException {
        List<String> before = names();
        String line =
                CommandLine.flipsideImage()
                        .refuses(
                                code,
                                "build",
                                "--rootfs",
                                tar,
                                "--product",
                                "small",
                                "--version",
                                "1",
                                "--out",
                                folder.resolve("release"));
        assertEquals(before, names());
        return line;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(Path::toString).sorted().toList();
        }
    }
}
