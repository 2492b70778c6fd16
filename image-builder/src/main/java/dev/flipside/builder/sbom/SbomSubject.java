package dev.flipside.builder.sbom;

import dev.flipside.release.Identifiers;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Usage;
import java.time.Instant;

/**
 * The image that an SBOM is about.
 *
 * @param created the release's time
 * @param image the image's file
 * @param rootHash of its hash tree, in lowercase hex
 * @param builderVersion of this program
 */
public record SbomSubject(
        Identifiers identifiers,
        Usage usage,
        Instant created,
        Artifact image,
        String rootHash,
        String builderVersion) {}
