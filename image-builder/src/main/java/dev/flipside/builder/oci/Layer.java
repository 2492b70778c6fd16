package dev.flipside.builder.oci;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * One layer of an image.
 *
 * @param path of its file
 * @param digest of the file, where the image tells it; docker archives do not
 * @param sizeBytes of the file, the same
 * @param format how the file is packed, the same
 * @param diffId digest of the tar in the file
 */
public record Layer(
        String path,
        Optional<ContentDigest> digest,
        OptionalLong sizeBytes,
        Optional<Format> format,
        ContentDigest diffId) {

    /** What a media type says of a layer. */
    public enum Format {
        TAR("no compression"),
        GZIP("gzip"),
        ZSTD("zstd");

        private final String label;

        Format(String label) {
            this.label = label;
        }

        /** As people call it. */
        public String label() {
            return label;
        }

        static Optional<Format> ofMediaType(String type) {
            return switch (type) {
                case "application/vnd.oci.image.layer.v1.tar",
                        "application/vnd.oci.image.layer.nondistributable.v1.tar",
                        "application/vnd.docker.image.rootfs.diff.tar" ->
                        Optional.of(TAR);
                case "application/vnd.oci.image.layer.v1.tar+gzip",
                        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                        "application/vnd.docker.image.rootfs.diff.tar.gzip",
                        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" ->
                        Optional.of(GZIP);
                case "application/vnd.oci.image.layer.v1.tar+zstd",
                        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
                        "application/vnd.docker.image.rootfs.diff.tar.zstd" ->
                        Optional.of(ZSTD);
                default -> Optional.empty();
            };
        }
    }

    /** For messages. */
    public String label() {
        return "layer " + digest.map(ContentDigest::brief).orElse("'" + path + "'");
    }
}
