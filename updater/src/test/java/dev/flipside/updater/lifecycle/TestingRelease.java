package dev.flipside.updater.lifecycle;

import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Usage;
import java.time.Instant;
import java.util.List;

/** Releases that a host of {@link TestingHost} can go to. */
final class TestingRelease {
    static final Instant CREATED = Instant.parse("2026-11-18T09:30:00Z");

    private TestingRelease() {}

    static Candidate.Found of(String version, char hex) {
        String digest = String.valueOf(hex).repeat(64);
        ReleaseManifest manifest =
                new ReleaseManifest(
                        "demo",
                        version,
                        Architecture.X86_64,
                        1,
                        CREATED,
                        new ReleaseManifest.Verity(
                                Usage.ROOT,
                                "00",
                                "00000000-0000-0000-0000-000000000000",
                                digest,
                                16),
                        List.of(new Artifact(Artifact.Role.UKI, "demo.efi", 1 << 20, digest)),
                        16 * 4096,
                        2 * 4096,
                        1);
        return new Candidate.Found(manifest, digest);
    }
}
