package dev.flipside.builder.disk;

import dev.flipside.boot.uki.TestingPe;
import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.builder.recipe.Recipe;
import dev.flipside.builder.release.BuildProgress;
import dev.flipside.builder.release.BuildRequest;
import dev.flipside.builder.release.BuildRequest.BootOverrides;
import dev.flipside.builder.release.ReleaseBuild;
import dev.flipside.release.ReleaseManifest.Usage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;

/** Makes a small release, whose boot files start nothing, out of a directory. */
public final class TestingRelease {
    public static final BuildProgress QUIET =
            (name, total) ->
                    new BuildProgress.Step() {
                        @Override
                        public void advance(long more) {}

                        @Override
                        public void close() {}
                    };

    private static final FileTime TIME = FileTime.from(Instant.parse("2026-11-01T12:00:00Z"));

    private TestingRelease() {}

    /** Builds into {@code folder/release-VERSION}. */
    public static Path build(Path folder, String version, Usage usage) throws Exception {
        return build(folder, version, usage, Map.of());
    }

    /** The same, with further files. */
    public static Path build(Path folder, String version, Usage usage, Map<String, String> files)
            throws Exception {
        Path root = folder.resolve("root-" + version);
        for (Map.Entry<String, String> file : files.entrySet()) {
            file(root, file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
        }
        file(root, "usr/lib/systemd/boot/efi/linuxx64.efi.stub", TestingPe.stub());
        file(root, "usr/lib/systemd/boot/efi/systemd-bootx64.efi", TestingPe.kernel(99));
        file(root, "usr/lib/modules/6.1-test/vmlinuz", TestingPe.kernel(version.hashCode()));
        file(root, "usr/lib/modules/6.1-test/initrd", "070701".getBytes(StandardCharsets.US_ASCII));
        file(root, "usr/lib/os-release", "ID=test\n".getBytes(StandardCharsets.US_ASCII));
        byte[] noise = new byte[3 << 20];
        new Random(version.hashCode()).nextBytes(noise);
        file(root, "usr/lib/noise", noise);
        file(root, "usr/lib/zeros", new byte[3 << 20]);
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.toList()) {
                Files.setLastModifiedTime(path, TIME);
            }
        }
        Path out = folder.resolve("release-" + version);
        ReleaseBuild.run(
                new BuildRequest(
                        root,
                        ImageChoice.any(),
                        "host",
                        version,
                        usage,
                        out,
                        1,
                        BootOverrides.none(),
                        BuildRequest.Signatures.none(),
                        "",
                        Recipe.none(),
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        1,
                        2),
                QUIET);
        return out;
    }

    private static void file(Path root, String path, byte[] bytes) throws Exception {
        Files.createDirectories(root.resolve(path).getParent());
        Files.write(root.resolve(path), bytes);
    }
}
