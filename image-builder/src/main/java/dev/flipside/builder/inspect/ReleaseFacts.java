package dev.flipside.builder.inspect;

import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * What a release folder holds, as far as that can be seen without reading all of it.
 *
 * @param treeMatches whether the top of the hash tree leads to the manifest's root hash
 * @param commandLineMatches whether the UKI opens the image with that root hash
 * @param deviations what was changed of the root file system, and why; from the provenance
 * @param packages the number of packages by the SBOM, if there is one
 */
public record ReleaseFacts(
        ReleaseManifest manifest,
        List<ArtifactFacts> artifacts,
        UkiFacts uki,
        boolean treeMatches,
        boolean commandLineMatches,
        List<Deviation> deviations,
        OptionalInt packages) {
    private static final int MAX_JSON_BYTES = 16 << 20;

    public ReleaseFacts {
        artifacts = List.copyOf(artifacts);
        deviations = List.copyOf(deviations);
    }

    /** Whether the file of an artifact is there. */
    public enum Standing {
        PRESENT("present"),
        MISSING("missing"),
        OTHER_SIZE("other-size");

        private final String code;

        Standing(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    /** An artifact, and what stands in its place. */
    public record ArtifactFacts(Artifact artifact, Standing standing) {}

    /** Looks at a release. */
    public static ReleaseFacts read(ReleaseFolder release) throws IOException, FlipsideException {
        ReleaseManifest manifest = release.manifest();
        List<ArtifactFacts> artifacts = new ArrayList<>();
        for (Artifact artifact : manifest.artifacts()) {
            artifacts.add(new ArtifactFacts(artifact, standing(release, artifact)));
        }
        UkiFacts uki;
        try (FileChannel file = release.open(release.artifact(Artifact.Role.UKI))) {
            uki = UkiFacts.read(RandomAccess.of(file));
        }
        return new ReleaseFacts(
                manifest,
                artifacts,
                uki,
                treeMatches(release),
                uki.rootHash().filter(manifest.verity().rootHash()::equals).isPresent(),
                deviations(release),
                packages(release));
    }

    /** Whether there is a signature of the root hash. */
    public boolean veritySigned() {
        return manifest.artifact(Artifact.Role.SIGNATURE).isPresent();
    }

    /** The parameters of the hash tree that a manifest pins. */
    public static VerityParameters parameters(ReleaseManifest manifest) {
        ReleaseManifest.Verity verity = manifest.verity();
        return new VerityParameters(
                verity.salt(), UUID.fromString(verity.uuid()), verity.dataBlocks());
    }

    private static Standing standing(ReleaseFolder release, Artifact artifact) throws IOException {
        Path path = release.folder().resolve(artifact.name());
        if (!Files.isRegularFile(path)) {
            return Standing.MISSING;
        }
        return Files.size(path) == artifact.sizeBytes() ? Standing.PRESENT : Standing.OTHER_SIZE;
    }

    private static boolean treeMatches(ReleaseFolder release)
            throws IOException, FlipsideException {
        ReleaseManifest manifest = release.manifest();
        try (FileChannel file = release.open(release.artifact(Artifact.Role.TREE))) {
            return leadsToRoot(
                    RandomAccess.of(file), parameters(manifest), manifest.verity().rootHashBytes());
        }
    }

    /** Whether the first path down a tree leads to a root hash; the data are not looked at. */
    static boolean leadsToRoot(RandomAccess tree, VerityParameters parameters, byte[] rootHash)
            throws IOException {
        try {
            new HashTreeReader(tree, parameters, rootHash).digest(0);
            return true;
        } catch (FlipsideException e) {
            return false;
        }
    }

    private static List<Deviation> deviations(ReleaseFolder release)
            throws IOException, FlipsideException {
        Optional<byte[]> provenance = small(release, Artifact.Role.PROVENANCE);
        return provenance.isEmpty()
                ? List.of()
                : Deviation.find(
                        StrictJson.parse(
                                provenance.get(),
                                "provenance.json",
                                FailureCode.METADATA_MALFORMED));
    }

    private static OptionalInt packages(ReleaseFolder release)
            throws IOException, FlipsideException {
        Optional<byte[]> sbom = small(release, Artifact.Role.CYCLONEDX);
        return sbom.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(
                        StrictJson.parse(
                                        sbom.get(), "sbom.cdx.json", FailureCode.METADATA_MALFORMED)
                                .path("components")
                                .size());
    }

    private static Optional<byte[]> small(ReleaseFolder release, Artifact.Role role)
            throws IOException {
        Optional<Artifact> artifact = release.manifest().artifact(role);
        if (artifact.isEmpty() || standing(release, artifact.get()) != Standing.PRESENT) {
            return Optional.empty();
        }
        return artifact.get().sizeBytes() > MAX_JSON_BYTES
                ? Optional.empty()
                : Optional.of(Files.readAllBytes(release.folder().resolve(artifact.get().name())));
    }
}
