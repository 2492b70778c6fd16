package dev.flipside.builder.release;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.provenance.Provenance;
import dev.flipside.builder.provenance.Provenance.Input;
import dev.flipside.builder.sbom.Sbom;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Artifact.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes what a release says about itself: two forms of its SBOM, and its provenance. */
final class ReleaseDocuments {
    private static final int BUFFER_BYTES = 1 << 16;

    private final ReleaseFiles files;

    ReleaseDocuments(ReleaseFiles files) {
        this.files = files;
    }

    List<Artifact> sbom(Sbom sbom) throws IOException {
        return List.of(
                files.document(Role.SPDX, Sbom.SPDX_FILE, sbom.spdx()),
                files.document(Role.CYCLONEDX, Sbom.CYCLONEDX_FILE, sbom.cycloneDx()));
    }

    /**
     * The last artifact, as it names all others.
     *
     * @param compressor the version of mkfs.erofs, where that had a part in it
     */
    Artifact provenance(
            BuildRequest request,
            List<Input> inputs,
            Optional<String> compressor,
            List<Artifact> products)
            throws IOException {
        SortedMap<String, String> versions = new TreeMap<>();
        versions.put("flipside-image", BuilderVersion.current());
        compressor.ifPresent(version -> versions.put(CompressedImage.PROGRAM, version));
        Provenance provenance = new Provenance(products, parameters(request), inputs, versions);
        return files.document(Role.PROVENANCE, Provenance.FILE, provenance.json());
    }

    /** A file of the UKI; its path on the machine is nobody's business. */
    static Input bootInput(String name, BootFile file, RandomAccess contents)
            throws IOException, FlipsideException {
        Optional<String> path =
                switch (file) {
                    case BootFile.InRoot(String inRoot, var _) -> Optional.of(inRoot);
                    case BootFile.Given _ -> Optional.empty();
                };
        return Input.file(name, path, sha256(contents));
    }

    /**
     * What the caller chose and the bytes depend on. Where the root file system was found, and as
     * which of several images, is told by its digest.
     */
    private static ObjectNode parameters(BuildRequest request) {
        ObjectNode parameters =
                StrictJson.object()
                        .put("product", request.product())
                        .put("version", request.version())
                        .put("verity", request.usage().code())
                        .put("securityVersion", request.securityVersion())
                        .put("commandLine", request.commandLine())
                        .put("packLevel", request.packLevel());
        request.salt().ifPresent(salt -> parameters.put("salt", salt));
        request.compression().ifPresent(algorithm -> parameters.put("compression", algorithm));
        ArrayNode changes = parameters.putArray("recipe");
        request.recipe().changes().forEach(change -> changes.add(change.json()));
        return parameters;
    }

    private static String sha256(RandomAccess contents) throws IOException {
        WritableByteChannel nowhere = Channels.newChannel(OutputStream.nullOutputStream());
        try (DigestingChannel digest = new DigestingChannel(nowhere)) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            for (long at = 0; at < contents.sizeBytes(); at += BUFFER_BYTES) {
                buffer.clear().limit((int) Math.min(BUFFER_BYTES, contents.sizeBytes() - at));
                contents.read(buffer, at);
                digest.write(buffer.flip());
            }
            return digest.artifact(Role.PROVENANCE, "an input").sha256();
        }
    }
}
