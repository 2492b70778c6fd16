package dev.flipside.builder.oci;

import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one document says of another (OCI image specification, "descriptor"): kind, digest, size,
 * and in an index also names and platform.
 *
 * @param attestation that it describes another image, and is none
 */
record Descriptor(
        String mediaType,
        ContentDigest digest,
        long sizeBytes,
        Set<String> names,
        Optional<Platform> platform,
        boolean attestation) {
    private static final String[] NAMES = {
        "org.opencontainers.image.ref.name", "io.containerd.image.name"
    };

    static Descriptor parse(JsonFields fields) throws FlipsideException {
        String text = fields.string("digest");
        ContentDigest digest =
                ContentDigest.parse(text)
                        .orElseThrow(
                                () ->
                                        fields.unexpected(
                                                "digest",
                                                "a digest of sha256 or sha512",
                                                fields.node().get("digest")));
        Set<String> names = new TreeSet<>();
        boolean attestation = false;
        if (fields.has("annotations")) {
            JsonFields annotations = fields.object("annotations");
            for (String name : NAMES) {
                if (annotations.has(name)) {
                    names.add(annotations.string(name));
                }
            }
            attestation = annotations.has("vnd.docker.reference.type");
        }
        Optional<Platform> platform =
                fields.has("platform")
                        ? Optional.of(Platform.parse(fields.object("platform")))
                        : Optional.empty();
        return new Descriptor(
                fields.has("mediaType") ? fields.string("mediaType") : "",
                digest,
                fields.integer("size", 0, Long.MAX_VALUE),
                names,
                platform,
                attestation);
    }

    boolean isIndex() {
        return mediaType.equals("application/vnd.oci.image.index.v1+json")
                || mediaType.equals("application/vnd.docker.distribution.manifest.list.v2+json");
    }

    boolean isManifest() {
        return mediaType.equals("application/vnd.oci.image.manifest.v1+json")
                || mediaType.equals("application/vnd.docker.distribution.manifest.v2+json");
    }

    boolean isConfig() {
        return mediaType.equals("application/vnd.oci.image.config.v1+json")
                || mediaType.equals("application/vnd.docker.container.image.v1+json");
    }
}
