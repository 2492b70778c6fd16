package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A heap of 256 MiB is enough for any input that is taken, and one that has more metadata is
 * refused in a line. Larger inputs with {@code ./test --all}.
 */
class LargeInputTest {
    private static final boolean ALL = Boolean.getBoolean("flipside.all");
    private static final int FILES = ALL ? 300_000 : 100_001;
    private static final long SPARSE_BYTES = (ALL ? 5L << 30 : 1L << 29) + 12_345;
    private static final int LAYERS = ALL ? 100 : 12;
    private static final int FILES_IN_LAYER = 1_000;

    @TempDir Path folder;

    /** As the launcher has it, in bytes that the JVM compiles well. */
    private final CommandLine image =
            CommandLine.flipsideImage()
                    .under(List.of("-Xmx256m", "-XX:TieredStopAtLevel=4"), Map.of());

    @Test
    void aDirectoryOfVeryManyFilesAndAVeryLargeSparseFileAreBuilt() throws Exception {
        SmallRoot root = SmallRoot.of("1");
        for (int i = 0; i < FILES; i++) {
            root.with("usr/share/many/file-number-%06d".formatted(i), Integer.toString(i));
        }
        Path tar = root.writeTar(folder.resolve("root.tar"));
        Files.createDirectories(folder.resolve("srv"));
        Tools.find("sh")
                .check(
                        "-euc",
                        "cd \"$0\"; truncate -s %d srv/sparse; printf end >>srv/sparse; tar --format=pax --sparse -rf root.tar srv"
                                .formatted(SPARSE_BYTES),
                        folder);
        build(tar, "release");
        Path out = folder.resolve("release/root.img");
        assertTrue(Files.size(out) > SPARSE_BYTES);
        String kibibytes = Tools.find("du").check("-k", out).split("\\s")[0];
        assertTrue(
                Long.parseLong(kibibytes) < (FILES * 4L + (200 << 10)),
                "holes are kept: " + kibibytes);
        Tools.find("fsck.erofs").check(out);
        try (LoopMount mount = new LoopMount(out, folder)) {
            Tools.find("cmp")
                    .check(folder.resolve("srv/sparse"), mount.point().resolve("srv/sparse"));
            Path last =
                    mount.point().resolve("usr/share/many/file-number-%06d".formatted(FILES - 1));
            assertEquals(Integer.toString(FILES - 1), Files.readString(last));
        }
    }

    @Test
    void anImageOfVeryManyLayersIsBuilt() throws Exception {
        List<Path> layers = new ArrayList<>();
        for (int layer = 0; layer < LAYERS; layer++) {
            SmallRoot root = SmallRoot.of(Integer.toString(layer));
            for (int i = 0; i < FILES_IN_LAYER; i++) {
                String path = "usr/share/l%d/%d".formatted(i % 2 * layer, i);
                root.with(path, "layer %d file %d".formatted(layer, i));
            }
            layers.add(root.writeTar(folder.resolve("layer-%03d.tar".formatted(layer))));
        }
        Path layout = ContainerForms.ociLayout(folder.resolve("layout"), layers);
        build(layout, "release");
        Tools.find("fsck.erofs").check(folder.resolve("release/root.img"));
        Path archive = ContainerForms.dockerArchive(folder.resolve("docker"), layers);
        build(archive, "release-of-archive");
        assertEquals(
                -1,
                Files.mismatch(
                        folder.resolve("release/root.img"),
                        folder.resolve("release-of-archive/root.img")));
    }

    @Test
    void moreMetadataThanTheHeapHoldsIsRefusedInALine() throws Exception {
        SmallRoot root = SmallRoot.of("1");
        for (int i = 0; i < 60_000; i++) {
            root.with("usr/share/many/file-number-%06d".formatted(i), "");
        }
        Path tar = root.writeTar(folder.resolve("root.tar"));
        String line =
                CommandLine.flipsideImage()
                        .under(List.of("-Xmx32m"), Map.of())
                        .refuses(FailureCode.ROOTFS_UNSUPPORTED, line(tar, "release"));
        assertTrue(line.contains("-Xmx"), line);
        assertTrue(Files.notExists(folder.resolve("release")));
    }

    private void build(Path rootfs, String out) throws IOException {
        image.check(line(rootfs, out));
    }

    private Object[] line(Path rootfs, String out) {
        return new Object[] {
            "build",
            "--rootfs",
            rootfs,
            "--product",
            "small",
            "--version",
            "1",
            "--pack-level",
            "1",
            "--out",
            folder.resolve(out)
        };
    }
}
