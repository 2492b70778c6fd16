package dev.flipside.integration;

import dev.flipside.boot.uki.TestingPe;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * A root file system of a few hundred kilobytes with all that a release needs: os-release, kernel,
 * initrd, stub, loader, a health check, and contents of which most are the same in every version.
 */
final class SmallRoot {
    static final String HEALTH_CHECK = "usr/lib/flipside/health.d/50-small.toml";
    static final String READY = "usr/lib/small/ready";

    private static final String KERNEL = "6.12.0-small";
    private static final String LOADERS = "usr/lib/systemd/boot/efi/";
    private static final Instant TIME = Instant.parse("2026-11-01T12:00:00Z");
    private static final int SHARED_FILES = 24;
    private static final int MAX_FILE_BYTES = 40_000;

    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private final TreeMap<String, Large> largeFiles = new TreeMap<>();

    /** A file that is made while it is written, a quarter of it noise. */
    private record Large(int seed, long blocks) {
        private static final int BLOCK_BYTES = 4096;

        void writeTo(OutputStream out) throws IOException {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] noise = new byte[BLOCK_BYTES / 4];
            byte[] block = new byte[BLOCK_BYTES];
            for (long i = 0; i < blocks; i++) {
                random.nextBytes(noise);
                System.arraycopy(noise, 0, block, 0, noise.length);
                out.write(block);
            }
        }
    }

    private SmallRoot() {}

    /** A healthy root file system, which differs from those of other versions. */
    static SmallRoot of(String version) {
        int seed = version.hashCode();
        SmallRoot root = new SmallRoot();
        root.with("usr/lib/os-release", "ID=small\nVERSION_ID=%s\n".formatted(version));
        root.files.put("usr/lib/modules/" + KERNEL + "/vmlinuz", TestingPe.kernel(seed));
        root.files.put("usr/lib/modules/" + KERNEL + "/initrd", initrd(seed));
        root.files.put(LOADERS + "linuxx64.efi.stub", TestingPe.stub());
        root.files.put(LOADERS + "systemd-bootx64.efi", TestingPe.kernel(0));
        root.with(
                HEALTH_CHECK,
                """
                [[check]]
                name = "small-is-ready"
                type = "file"
                path = "/usr/lib/small/ready"
                """);
        root.with(READY, "ready\n");
        for (int i = 0; i < SHARED_FILES; i++) {
            SplittableRandom sizes = new SplittableRandom(i);
            root.files.put(
                    "usr/share/small/%02d".formatted(i), random(i, sizes.nextInt(MAX_FILE_BYTES)));
        }
        root.files.put("usr/bin/changed", random(seed, 3 * MAX_FILE_BYTES));
        return root;
    }

    SmallRoot with(String path, String text) {
        files.put(path, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    SmallRoot with(String path, byte[] bytes) {
        files.put(path, bytes);
        return this;
    }

    /** Adds a file in which no block is like another, and that never stands in memory. */
    SmallRoot withLarge(String path, int seed, long sizeBytes) {
        largeFiles.put(path, new Large(seed, sizeBytes / Large.BLOCK_BYTES));
        return this;
    }

    SmallRoot without(String path) {
        files.remove(path);
        return this;
    }

    /** Writes it as a tar archive, the folders before what is in them. */
    Path writeTar(Path tar) throws IOException {
        try (TarArchiveOutputStream out =
                new TarArchiveOutputStream(
                        new BufferedOutputStream(Files.newOutputStream(tar)), "UTF-8")) {
            String previous = "";
            for (var file : files.entrySet()) {
                putFolders(out, previous, file.getKey());
                previous = file.getKey();
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                entry.setMode(0100644);
                put(out, entry, file.getValue());
            }
            for (var file : largeFiles.entrySet()) {
                putFolders(out, previous, file.getKey());
                previous = file.getKey();
                putLarge(out, file.getKey(), file.getValue());
            }
        }
        return tar;
    }

    private static void putLarge(TarArchiveOutputStream out, String path, Large large)
            throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(path);
        entry.setSize(large.blocks() * Large.BLOCK_BYTES);
        entry.setMode(0100644);
        entry.setModTime(TIME.toEpochMilli());
        out.putArchiveEntry(entry);
        large.writeTo(out);
        out.closeArchiveEntry();
    }

    private static void putFolders(TarArchiveOutputStream out, String previous, String path)
            throws IOException {
        int slash = path.indexOf('/');
        while (slash >= 0) {
            String folder = path.substring(0, slash + 1);
            if (!previous.startsWith(folder)) {
                TarArchiveEntry entry = new TarArchiveEntry(folder);
                entry.setMode(040755);
                put(out, entry, new byte[0]);
            }
            slash = path.indexOf('/', slash + 1);
        }
    }

    private static void put(TarArchiveOutputStream out, TarArchiveEntry entry, byte[] content)
            throws IOException {
        entry.setModTime(TIME.toEpochMilli());
        out.putArchiveEntry(entry);
        out.write(content);
        out.closeArchiveEntry();
    }

    private static byte[] initrd(int seed) {
        byte[] initrd = random(seed, 9_000);
        System.arraycopy("070701".getBytes(StandardCharsets.US_ASCII), 0, initrd, 0, 6);
        return initrd;
    }

    private static byte[] random(int seed, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }
}
