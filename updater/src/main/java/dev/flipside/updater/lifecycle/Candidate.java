package dev.flipside.updater.lifecycle;

import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.util.Objects;
import java.util.Optional;

/** What the repository has under the version that is wanted. */
public sealed interface Candidate {
    String version();

    /**
     * A release whose signed manifest this updater can read.
     *
     * @param digest SHA-256 of the manifest's bytes, in lowercase hex
     */
    record Found(ReleaseManifest manifest, String digest) implements Candidate {
        public Found {
            Objects.requireNonNull(manifest);
            Objects.requireNonNull(digest);
        }

        @Override
        public String version() {
            return manifest.version();
        }

        public ReleaseRef reference() {
            return new ReleaseRef(
                    manifest.product(),
                    manifest.version(),
                    manifest.verity().rootHash(),
                    uki().sha256(),
                    Optional.of(new ReleaseRef.Signed(digest, manifest.securityVersion())));
        }

        public Artifact uki() {
            return manifest.artifact(Artifact.Role.UKI)
                    .orElseThrow(() -> new IllegalStateException("a manifest without a UKI"));
        }
    }

    /** A signed manifest of a major format that this updater does not know. */
    record NewerFormat(String version, String format) implements Candidate {}
}
