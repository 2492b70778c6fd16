package dev.flipside.builder.oci;

import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * An OCI image layout (OCI image specification 1.0 and 1.1, "image layout"): {@code oci-layout},
 * {@code index.json}, and blobs named by their digest, from which every document and every layer is
 * reached.
 */
final class OciLayout {
    private static final int MAX_DEPTH = 8;
    private static final int MAX_DESCRIPTORS = 1000;
    private static final String VERSION = "1.";

    private final ImageDocuments documents;
    private final ImageChoice choice;
    private final ImageRefusal refusal;
    private final Map<String, Candidate> candidates = new LinkedHashMap<>();
    private int descriptors;

    OciLayout(ImageDocuments documents, ImageChoice choice) {
        this.documents = documents;
        this.choice = choice;
        this.refusal = documents.refusal();
    }

    /** A manifest, with the names of all indexes on the way to it. */
    private record Candidate(Descriptor manifest, Set<String> names) {}

    LayeredImage resolve() throws IOException, FlipsideException {
        String version = documents.read("oci-layout", "oci-layout").string("imageLayoutVersion");
        if (!version.startsWith(VERSION)) {
            throw refusal.unsupported(
                    "oci-layout", "version 1", "'" + version + "'", "make a layout of version 1");
        }
        collect(documents.read("index.json", "index.json"), "index.json", Set.of(), 0);
        Candidate picked = pick();
        return image(picked.manifest());
    }

    /**
     * Finds the manifests of an index, and of those in it. No index can be within itself, as its
     * digest would have to contain itself; the depth is bounded all the same.
     *
     * @param names those of the indexes above
     * @param depth how many these are
     */
    private void collect(JsonFields index, String where, Set<String> names, int depth)
            throws IOException, FlipsideException {
        for (JsonFields fields : index.list("manifests", MAX_DESCRIPTORS)) {
            Descriptor descriptor = Descriptor.parse(fields);
            if (++descriptors > MAX_DESCRIPTORS) {
                throw refusal.malformed(where, "at most " + MAX_DESCRIPTORS + " images", "more");
            }
            Set<String> allNames = new TreeSet<>(names);
            allNames.addAll(descriptor.names());
            if (descriptor.isIndex()) {
                collectNested(descriptor, allNames, depth + 1);
            } else if (descriptor.isManifest() && !descriptor.attestation()) {
                candidates
                        .computeIfAbsent(
                                descriptor.digest().toString(),
                                _ -> new Candidate(descriptor, new TreeSet<>()))
                        .names()
                        .addAll(allNames);
            }
        }
    }

    private void collectNested(Descriptor descriptor, Set<String> names, int depth)
            throws IOException, FlipsideException {
        String nested = "index " + descriptor.digest().brief();
        if (depth > MAX_DEPTH) {
            throw refusal.malformed(
                    nested, "indexes nested " + MAX_DEPTH + " deep at most", "deeper ones");
        }
        collect(documents.read(descriptor, nested), nested, names, depth);
    }

    private Candidate pick() throws IOException, FlipsideException {
        if (candidates.size() == 1 && choice.isAny()) {
            return candidates.values().iterator().next();
        }
        Offers offers = new Offers(refusal);
        for (Candidate candidate : candidates.values()) {
            Optional<Platform> platform = platform(candidate.manifest());
            if (platform.isPresent()) {
                offers.add(
                        candidate.manifest().digest().toString(),
                        candidate.names(),
                        platform.get());
            }
        }
        return candidates.get(offers.pick(choice));
    }

    /** From the index or the configuration; none for an artifact that is no image. */
    private Optional<Platform> platform(Descriptor manifest) throws IOException, FlipsideException {
        if (manifest.platform().isPresent()) {
            return manifest.platform();
        }
        JsonFields fields = documents.read(manifest, manifestName(manifest));
        Descriptor config = Descriptor.parse(fields.object("config"));
        if (!config.isConfig()) {
            return Optional.empty();
        }
        return Optional.of(
                ImageConfig.parse(documents.read(config, configName(config))).platform());
    }

    private LayeredImage image(Descriptor descriptor) throws IOException, FlipsideException {
        String where = manifestName(descriptor);
        JsonFields manifest = documents.read(descriptor, where);
        Descriptor configDescriptor = Descriptor.parse(manifest.object("config"));
        if (!configDescriptor.isConfig()) {
            throw refusal.unsupported(
                    where,
                    "the configuration of an image",
                    "'" + configDescriptor.mediaType() + "'",
                    "choose an image with --image");
        }
        String configName = configName(configDescriptor);
        ImageConfig config = ImageConfig.parse(documents.read(configDescriptor, configName));
        config.requireLinux(configName, refusal);
        List<JsonFields> fields = manifest.list("layers", ImageConfig.MAX_LAYERS);
        config.requireLayers(fields.size(), where, refusal);
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            layers.add(layer(Descriptor.parse(fields.get(i)), config.diffIds().get(i)));
        }
        return new LayeredImage(layers);
    }

    private Layer layer(Descriptor descriptor, ContentDigest diffId)
            throws IOException, FlipsideException {
        String where = "layer " + descriptor.digest().brief();
        Layer.Format format =
                Layer.Format.ofMediaType(descriptor.mediaType())
                        .orElseThrow(
                                () ->
                                        refusal.unsupported(
                                                where,
                                                "a layer in tar, gzip or zstd",
                                                "'" + descriptor.mediaType() + "'",
                                                "convert the image"));
        String path = descriptor.digest().blobPath();
        OptionalLong size = documents.files().sizeBytes(path);
        if (size.isEmpty()) {
            throw refusal.missing(where, path);
        }
        if (size.getAsLong() != descriptor.sizeBytes()) {
            throw refusal.mismatch(
                    where, descriptor.sizeBytes() + " bytes", size.getAsLong() + " bytes");
        }
        return new Layer(
                path,
                Optional.of(descriptor.digest()),
                OptionalLong.of(descriptor.sizeBytes()),
                Optional.of(format),
                diffId);
    }

    private static String manifestName(Descriptor manifest) {
        return "manifest " + manifest.digest().brief();
    }

    private static String configName(Descriptor config) {
        return "configuration " + config.digest().brief();
    }
}
