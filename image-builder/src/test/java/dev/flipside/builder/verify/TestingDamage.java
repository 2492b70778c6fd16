package dev.flipside.builder.verify;

import dev.flipside.failure.FailureCode;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifestJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Copies of a release or a disk, in which bytes are another. */
final class TestingDamage {
    private TestingDamage() {}

    static Path copy(Path release, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(release)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    static void flip(Path file, long offset) throws IOException {
        try (var channel =
                Files.newByteChannel(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var one = java.nio.ByteBuffer.allocate(1);
            channel.position(offset).read(one);
            one.put(0, (byte) (one.get(0) ^ 1));
            channel.position(offset).write(one.rewind());
        }
    }

    /** Makes the manifest pin what stands there now, as one who can sign would. */
    static void pinAnew(Path release, Artifact.Role role) throws Exception {
        Path file = release.resolve("release.json");
        ReleaseManifest old = ReleaseManifestJson.parse(Files.readAllBytes(file));
        List<Artifact> artifacts =
                old.artifacts().stream()
                        .map(it -> it.role() == role ? pinned(release, it) : it)
                        .toList();
        ReleaseManifest manifest =
                new ReleaseManifest(
                        old.product(),
                        old.version(),
                        old.architecture(),
                        old.securityVersion(),
                        old.created(),
                        old.verity(),
                        artifacts,
                        old.neededSlotBytes(),
                        old.neededTreeBytes(),
                        old.neededUpdaterFormat());
        Files.write(file, ReleaseManifestJson.write(manifest));
    }

    private static Artifact pinned(Path release, Artifact old) {
        try {
            byte[] bytes = Files.readAllBytes(release.resolve(old.name()));
            String digest =
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            return new Artifact(old.role(), old.name(), bytes.length, digest, old.fromImage());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The failures among checks, by the names of the checks. */
    static Map<String, FailureCode> failures(List<Check> checks) {
        Map<String, FailureCode> failures = new TreeMap<>();
        for (Check check : checks) {
            if (check instanceof Check.Failed failed) {
                failures.put(failed.name(), failed.failure().code());
            }
        }
        return failures;
    }
}
