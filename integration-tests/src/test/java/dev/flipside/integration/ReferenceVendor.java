package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who builds the reference host: keys, one repository, and releases that differ by a few files laid
 * over the same root file system. Each release has a channel of its own name, so that every test
 * finds its own, and no other, in the repository that all share; tests may share it at the same
 * time.
 */
final class ReferenceVendor {
    static final String PRODUCT = "reference-host";

    private static final int BLOCK_BYTES = 4096;
    private static final Path RECIPE =
            Path.of("src/main/reference-host/image.toml").toAbsolutePath();

    private final Path folder;
    private final CommandLine image = CommandLine.flipsideImage();

    private ReferenceVendor(Path folder) {
        this.folder = folder;
    }

    /** Makes keys, an empty repository, and what is laid over so that the host updates itself. */
    static ReferenceVendor open(Path folder) throws IOException {
        ReferenceVendor vendor = new ReferenceVendor(Files.createDirectories(folder));
        Tools.find("env").check("../updater/sysroot");
        vendor.image.check("repo", "init", "--repo", vendor.repository(), "--keys", vendor.keys());
        Path trust = folder.resolve("trust/usr/lib/flipside/root.json");
        Files.createDirectories(trust.getParent());
        Files.copy(vendor.repository().resolve("metadata/1.root.json"), trust);
        return vendor;
    }

    /** One that was opened before. */
    static ReferenceVendor of(Path folder) {
        return new ReferenceVendor(folder);
    }

    Path repository() {
        return folder.resolve("repo");
    }

    /**
     * The release of a version, built and published in its channel when it is first asked for.
     *
     * @param options more of them for the build
     */
    synchronized Path release(String version, SortedMap<String, String> files, Object... options)
            throws IOException {
        Path release = folder.resolve("release-" + version);
        if (!Files.exists(release)) {
            build(version, files, release, options);
            publish(version, release);
        }
        return release;
    }

    /** Any other change of the repository, as {@code withdraw 2}. */
    synchronized void change(String... words) throws IOException {
        List<Object> line = new ArrayList<>(List.of("repo"));
        line.addAll(List.of(words));
        line.addAll(List.of("--repo", repository(), "--keys", keys()));
        image.check(line.toArray());
    }

    /** Points a channel to a published version. */
    synchronized void promote(String version, String channel) throws IOException {
        image.check(
                "repo",
                "promote",
                "--repo",
                repository(),
                "--keys",
                keys(),
                "--channel",
                channel,
                "--version",
                version);
    }

    /**
     * Makes a new disk with that release in slot A.
     *
     * @return the file
     */
    synchronized Path disk(Path release, Path disk, Object... options) throws IOException {
        Files.deleteIfExists(disk);
        List<Object> line =
                new ArrayList<>(
                        List.of(
                                "disk",
                                "--release",
                                release,
                                "--out",
                                disk,
                                "--size",
                                "2304MiB",
                                "--slot-size",
                                "768MiB",
                                "--esp-size",
                                "192MiB"));
        line.addAll(List.of(options));
        image.check(line.toArray());
        return disk;
    }

    /**
     * Where in a release's image a file begins that begins with that text, in bytes: at a block, as
     * files of more than a few bytes do.
     */
    long offsetOf(String version, String beginning) throws IOException {
        byte[] wanted = beginning.getBytes(StandardCharsets.UTF_8);
        byte[] block = new byte[BLOCK_BYTES];
        Path file = folder.resolve("release-" + version).resolve("root.img");
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20)) {
            for (long offset = 0; in.readNBytes(block, 0, BLOCK_BYTES) == BLOCK_BYTES; ) {
                if (Arrays.equals(wanted, 0, wanted.length, block, 0, wanted.length)) {
                    return offset;
                }
                offset += BLOCK_BYTES;
            }
        }
        throw new IOException(beginning + " begins no file of " + file);
    }

    /** What makes a release another one than the others. */
    static SortedMap<String, String> marked(String version, Map<String, String> files) {
        SortedMap<String, String> marked = new TreeMap<>(files);
        marked.put("usr/lib/reference-host/release", version + "\n");
        return marked;
    }

    private Path keys() {
        return folder.resolve("keys");
    }

    private void build(
            String version, SortedMap<String, String> files, Path release, Object... options)
            throws IOException {
        Path root = ToolTree.cachePath().resolve("reference-host/root.tar");
        assertTrue(Files.exists(root), root + ": run integration-tests/reference-host");
        Path overlay = folder.resolve("files-" + version);
        for (Map.Entry<String, String> file : marked(version, files).entrySet()) {
            Path path = overlay.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue(), StandardCharsets.UTF_8);
        }
        List<Object> line =
                new ArrayList<>(
                        List.of(
                                "build",
                                "--recipe",
                                RECIPE,
                                "--rootfs",
                                root,
                                "--overlay",
                                folder.resolve("trust"),
                                "--overlay",
                                overlay,
                                "--version",
                                version,
                                "--pack-level",
                                "1",
                                "--out",
                                release));
        line.addAll(List.of(options));
        image.check(line.toArray());
    }

    private void publish(String version, Path release) throws IOException {
        image.check(
                "repo", "publish", "--repo", repository(), "--keys", keys(), "--release", release);
        promote(version, version);
    }
}
