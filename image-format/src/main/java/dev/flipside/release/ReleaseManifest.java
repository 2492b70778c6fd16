package dev.flipside.release;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a release is: the names, sizes and digests of all of its artifacts. A release is identified
 * by the SHA-256 digest of the bytes of its manifest.
 *
 * @param securityVersion at least 1; compared with the host's security floor
 * @param created the newest time in the root file system, so that it is the same in every build
 * @param neededSlotBytes what the data partition of a slot must hold
 * @param neededTreeBytes what the hash partition of a slot must hold
 * @param neededUpdaterFormat the lowest manifest format that the updater on the host must know
 */
public record ReleaseManifest(
        String product,
        String version,
        Architecture architecture,
        int securityVersion,
        Instant created,
        Verity verity,
        List<Artifact> artifacts,
        long neededSlotBytes,
        long neededTreeBytes,
        int neededUpdaterFormat) {

    /** The major format that this code reads and writes. */
    public static final int FORMAT = 1;

    public ReleaseManifest {
        artifacts = List.copyOf(artifacts);
    }

    public Optional<Artifact> artifact(Artifact.Role role) {
        return artifacts.stream().filter(artifact -> artifact.role() == role).findFirst();
    }

    /**
     * The dm-verity parameters of the image.
     *
     * @param usage the partition that is protected
     * @param salt up to 256 bytes, in lowercase hex
     * @param uuid of the verity superblock, in lowercase canonical form
     * @param rootHash 32 bytes, in lowercase hex
     * @param dataBlocks the number of 4096-byte data blocks
     */
    public record Verity(Usage usage, String salt, String uuid, String rootHash, long dataBlocks) {
        public byte[] saltBytes() {
            return HexFormat.of().parseHex(salt);
        }

        public byte[] rootHashBytes() {
            return HexFormat.of().parseHex(rootHash);
        }
    }

    /** Which file system the image is: the whole root, or only {@code /usr}. */
    public enum Usage {
        ROOT("root"),
        USR("usr");

        private final String code;

        Usage(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    /**
     * One file of a release.
     *
     * @param name the plain file name inside the release folder
     * @param sha256 lowercase hex
     * @param fromImage which of its bytes stand in the image, too; ascending, without overlap
     */
    public record Artifact(
            Role role, String name, long sizeBytes, String sha256, List<ImagePart> fromImage) {
        public Artifact {
            fromImage = List.copyOf(fromImage);
        }

        /** A file of which a host must fetch every byte. */
        public Artifact(Role role, String name, long sizeBytes, String sha256) {
            this(role, name, sizeBytes, sha256, List.of());
        }

        /** What a host that has the image must fetch of it. */
        public long bytesBesideImage() {
            return sizeBytes - fromImage.stream().mapToLong(ImagePart::sizeBytes).sum();
        }

        /**
         * Bytes of a file that are also bytes of the image, where both begin at any offset.
         *
         * @param sizeBytes at least 1
         */
        public record ImagePart(long offsetBytes, long imageOffsetBytes, long sizeBytes) {}

        /** What an artifact is for; its code is its key in {@code release.json}. */
        public enum Role {
            IMAGE("image", true),
            TREE("tree", true),
            UKI("uki", true),
            PACK("pack", true),
            INDEX("index", true),
            SIGNATURE("signature", false),
            SPDX("spdx", false),
            CYCLONEDX("cyclonedx", false),
            PROVENANCE("provenance", false);

            private final String code;
            private final boolean required;

            Role(String code, boolean required) {
                this.code = code;
                this.required = required;
            }

            /** Whether a host cannot do without it. */
            public boolean required() {
                return required;
            }

            public String code() {
                return code;
            }
        }
    }
}
