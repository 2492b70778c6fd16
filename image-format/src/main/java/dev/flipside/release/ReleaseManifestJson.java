package dev.flipside.release;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Artifact.ImagePart;
import dev.flipside.verity.TreeGeometry;
import dev.flipside.verity.VerityParameters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads and writes {@code release.json}, as {@code docs/reference/manifest.md} describes it. A
 * field that is not known is ignored, a format that is not known is refused, and what a value says
 * twice (a size and a number of blocks) must agree.
 */
public final class ReleaseManifestJson {
    /** The largest manifest that is read. */
    public static final int MAX_SIZE_BYTES = 1 << 20;

    private static final String WHAT = "release.json";
    private static final long MAX_FILE_BYTES = 1L << 45;
    private static final Pattern SALT = Pattern.compile("(?:[0-9a-f]{2}){0,256}");
    private static final Pattern UUID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._~-]{0,99}");

    private static final String FROM_IMAGE = "fromImage";
    private static final int MAX_IMAGE_PARTS = 64;

    private ReleaseManifestJson() {}

    /**
     * Reads a manifest.
     *
     * @throws FlipsideException {@code manifest-malformed}, or {@code manifest-format-unknown} when
     *     only a newer updater can read it
     */
    public static ReleaseManifest parse(byte[] bytes) throws FlipsideException {
        if (bytes.length > MAX_SIZE_BYTES) {
            throw new FlipsideException(
                    FailureCode.MANIFEST_MALFORMED,
                    WHAT,
                    "at most " + MAX_SIZE_BYTES + " bytes",
                    bytes.length + " bytes",
                    "build and publish the release again");
        }
        JsonFields fields = JsonFields.parse(bytes, WHAT, FailureCode.MANIFEST_MALFORMED);
        requireKnownFormat(fields);
        ReleaseManifest.Verity verity = verity(fields.object("verity"));
        List<Artifact> artifacts = artifacts(fields.object("artifacts"), verity.dataBlocks());
        JsonFields needs = fields.object("needs");
        ReleaseManifest manifest =
                new ReleaseManifest(
                        name(fields, "product"),
                        name(fields, "version"),
                        architecture(fields),
                        (int) fields.integer("securityVersion", 1, Integer.MAX_VALUE),
                        created(fields),
                        verity,
                        artifacts,
                        needs.integer(
                                "slotBytes", imageSizeBytes(verity.dataBlocks()), MAX_FILE_BYTES),
                        needs.integer(
                                "treeBytes",
                                new TreeGeometry(verity.dataBlocks()).fileSizeBytes(),
                                MAX_FILE_BYTES),
                        (int) needs.integer("updaterFormat", 1, Integer.MAX_VALUE));
        requireLabelFits(fields, manifest);
        return manifest;
    }

    /** The bytes of a manifest: equal manifests are equal bytes. */
    public static byte[] write(ReleaseManifest manifest) {
        ObjectNode root = StrictJson.object();
        root.put("format", ReleaseManifest.FORMAT)
                .put("product", manifest.product())
                .put("version", manifest.version())
                .put("architecture", manifest.architecture().code())
                .put("securityVersion", manifest.securityVersion())
                .put("created", JsonFields.format(manifest.created()));
        root.putObject("verity")
                .put("usage", manifest.verity().usage().code())
                .put("algorithm", VerityParameters.ALGORITHM)
                .put("blockSizeBytes", VerityParameters.BLOCK_SIZE_BYTES)
                .put("salt", manifest.verity().salt())
                .put("uuid", manifest.verity().uuid())
                .put("rootHash", manifest.verity().rootHash())
                .put("dataBlocks", manifest.verity().dataBlocks());
        ObjectNode artifacts = root.putObject("artifacts");
        for (Artifact artifact : manifest.artifacts()) {
            writeArtifact(artifacts.putObject(artifact.role().code()), artifact);
        }
        root.putObject("needs")
                .put("slotBytes", manifest.neededSlotBytes())
                .put("treeBytes", manifest.neededTreeBytes())
                .put("updaterFormat", manifest.neededUpdaterFormat());
        return StrictJson.pretty(root);
    }

    private static void writeArtifact(ObjectNode node, Artifact artifact) {
        node.put("name", artifact.name())
                .put("sizeBytes", artifact.sizeBytes())
                .put("sha256", artifact.sha256());
        if (artifact.fromImage().isEmpty()) {
            return;
        }
        ArrayNode parts = node.putArray(FROM_IMAGE);
        for (ImagePart part : artifact.fromImage()) {
            parts.addObject()
                    .put("offsetBytes", part.offsetBytes())
                    .put("imageOffsetBytes", part.imageOffsetBytes())
                    .put("sizeBytes", part.sizeBytes());
        }
    }

    private static void requireKnownFormat(JsonFields fields) throws FlipsideException {
        long format = fields.integer("format", 1, Integer.MAX_VALUE);
        if (format != ReleaseManifest.FORMAT) {
            throw new FlipsideException(
                    FailureCode.MANIFEST_FORMAT_UNKNOWN,
                    WHAT,
                    "format " + ReleaseManifest.FORMAT,
                    "format " + format,
                    "update to a release whose updater knows this format first");
        }
    }

    private static String name(JsonFields fields, String field) throws FlipsideException {
        String text = fields.string(field);
        if (!Names.isName(text)) {
            throw unexpected(fields, field, Names.EXPECTED);
        }
        return text;
    }

    private static void requireLabelFits(JsonFields fields, ReleaseManifest manifest)
            throws FlipsideException {
        if (manifest.product().length() + 1 + manifest.version().length()
                > Names.MAX_LABEL_LENGTH) {
            throw unexpected(
                    fields,
                    "version",
                    "a version that fits "
                            + Names.MAX_LABEL_LENGTH
                            + " characters as PRODUCT_VERSION");
        }
    }

    private static Instant created(JsonFields fields) throws FlipsideException {
        Instant created = fields.instant("created");
        if (created.isBefore(Instant.EPOCH)) {
            throw unexpected(fields, "created", "a time since 1970");
        }
        return created;
    }

    private static Architecture architecture(JsonFields fields) throws FlipsideException {
        String code = fields.string("architecture");
        for (Architecture architecture : Architecture.values()) {
            if (architecture.code().equals(code)) {
                return architecture;
            }
        }
        throw unexpected(fields, "architecture", "x86-64 or arm64");
    }

    private static ReleaseManifest.Verity verity(JsonFields fields) throws FlipsideException {
        String algorithm = fields.string("algorithm");
        if (!algorithm.equals(VerityParameters.ALGORITHM)) {
            throw unexpected(fields, "algorithm", "\"" + VerityParameters.ALGORITHM + "\"");
        }
        fields.integer(
                "blockSizeBytes",
                VerityParameters.BLOCK_SIZE_BYTES,
                VerityParameters.BLOCK_SIZE_BYTES);
        return new ReleaseManifest.Verity(
                usage(fields),
                fields.matching("salt", SALT, "up to 256 bytes in lowercase hex"),
                fields.matching("uuid", UUID, "a UUID in lowercase"),
                fields.hex("rootHash", 32),
                fields.integer("dataBlocks", 1, VerityParameters.MAX_DATA_BLOCKS));
    }

    private static ReleaseManifest.Usage usage(JsonFields fields) throws FlipsideException {
        String code = fields.string("usage");
        for (ReleaseManifest.Usage usage : ReleaseManifest.Usage.values()) {
            if (usage.code().equals(code)) {
                return usage;
            }
        }
        throw unexpected(fields, "usage", "root or usr");
    }

    /** Those of known roles, in the order of the roles; artifacts of other roles are ignored. */
    private static List<Artifact> artifacts(JsonFields fields, long dataBlocks)
            throws FlipsideException {
        List<Artifact> artifacts = new ArrayList<>();
        for (Artifact.Role role : Artifact.Role.values()) {
            if (!role.required() && !fields.node().has(role.code())) {
                continue;
            }
            JsonFields one = fields.object(role.code());
            String name = one.matching("name", FILE_NAME, "a plain file name");
            if (artifacts.stream().anyMatch(other -> other.name().equals(name))) {
                throw unexpected(one, "name", "a name that no other artifact has");
            }
            long sizeBytes = artifactSizeBytes(one, role, dataBlocks);
            artifacts.add(
                    new Artifact(
                            role,
                            name,
                            sizeBytes,
                            one.hex("sha256", 32),
                            role == Artifact.Role.UKI
                                    ? fromImage(one, sizeBytes, imageSizeBytes(dataBlocks))
                                    : List.of()));
        }
        return artifacts;
    }

    /** Parts in ascending order, each within the file and within the image. */
    private static List<ImagePart> fromImage(JsonFields fields, long sizeBytes, long imageBytes)
            throws FlipsideException {
        if (!fields.has(FROM_IMAGE)) {
            return List.of();
        }
        List<ImagePart> parts = new ArrayList<>();
        long end = 0;
        for (JsonFields one : fields.list(FROM_IMAGE, MAX_IMAGE_PARTS)) {
            long offset = one.integer("offsetBytes", end, sizeBytes - 1);
            long imageOffset = one.integer("imageOffsetBytes", 0, imageBytes - 1);
            long longest = Math.min(sizeBytes - offset, imageBytes - imageOffset);
            ImagePart part =
                    new ImagePart(offset, imageOffset, one.integer("sizeBytes", 1, longest));
            parts.add(part);
            end = offset + part.sizeBytes();
        }
        return parts;
    }

    private static long artifactSizeBytes(JsonFields fields, Artifact.Role role, long dataBlocks)
            throws FlipsideException {
        return switch (role) {
            case IMAGE -> exactly(fields, imageSizeBytes(dataBlocks));
            case TREE -> exactly(fields, new TreeGeometry(dataBlocks).fileSizeBytes());
            case UKI, PACK, INDEX, SIGNATURE, SPDX, CYCLONEDX, PROVENANCE ->
                    fields.integer("sizeBytes", 1, MAX_FILE_BYTES);
        };
    }

    private static long exactly(JsonFields fields, long sizeBytes) throws FlipsideException {
        return fields.integer("sizeBytes", sizeBytes, sizeBytes);
    }

    private static long imageSizeBytes(long dataBlocks) {
        return dataBlocks * VerityParameters.BLOCK_SIZE_BYTES;
    }

    private static FlipsideException unexpected(JsonFields fields, String name, String expected) {
        return fields.unexpected(name, expected, fields.node().get(name));
    }
}
