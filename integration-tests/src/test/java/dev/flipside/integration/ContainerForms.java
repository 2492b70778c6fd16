package dev.flipside.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes an OCI image layout and a docker archive of layers that lie in tar archives. */
final class ContainerForms {
    private static final String OCI = "application/vnd.oci.image.";

    private ContainerForms() {}

    /** A layout in a new folder; of each two layers, the first is in gzip, the second in zstd. */
    static Path ociLayout(Path folder, List<Path> layers) throws IOException {
        Path blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
        List<String> descriptors = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Path packed = folder.resolve("packed");
            String format = i % 2 == 0 ? "gzip" : "zstd";
            Tools.find("sh")
                    .check(
                            "-euc",
                            format.equals("gzip")
                                    ? "gzip -n -1 -c \"$0\" >\"$1\""
                                    : "\"$2\" -q -1 -c \"$0\" >\"$1\"",
                            layers.get(i),
                            packed,
                            "zstd");
            descriptors.add(blob(blobs, packed, OCI + "layer.v1.tar+" + format));
        }
        Path config = Files.writeString(folder.resolve("config"), configuration(layers));
        Path manifest = folder.resolve("manifest");
        Files.writeString(
                manifest,
                "{\"schemaVersion\":2,\"mediaType\":\"%smanifest.v1+json\",\"config\":%s,\"layers\":[%s]}"
                        .formatted(
                                OCI,
                                blob(blobs, config, OCI + "config.v1+json"),
                                String.join(",", descriptors)));
        Files.writeString(
                folder.resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":[%s]}"
                        .formatted(blob(blobs, manifest, OCI + "manifest.v1+json")));
        Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        return folder;
    }

    /** What {@code docker save} wrote before it wrote OCI layouts, in a tar beside the folder. */
    static Path dockerArchive(Path folder, List<Path> layers) throws IOException {
        Files.createDirectories(folder);
        List<String> names = new ArrayList<>();
        for (Path layer : layers) {
            String name = Digest.sha256(layer) + "/layer.tar";
            Files.createDirectories(folder.resolve(name).getParent());
            Files.copy(layer, folder.resolve(name));
            names.add("\"" + name + "\"");
        }
        Path config = Files.writeString(folder.resolve("config"), configuration(layers));
        String configName = Digest.sha256(config) + ".json";
        Files.move(config, folder.resolve(configName));
        Files.writeString(
                folder.resolve("manifest.json"),
                "[{\"Config\":\"%s\",\"RepoTags\":[\"small:1\"],\"Layers\":[%s]}]"
                        .formatted(configName, String.join(",", names)));
        Path archive = Path.of(folder + ".tar");
        Tools.find("tar").check("-C", folder, "-cf", archive, ".");
        return archive;
    }

    private static String configuration(List<Path> layers) throws IOException {
        List<String> diffIds = new ArrayList<>();
        for (Path layer : layers) {
            diffIds.add("\"sha256:" + Digest.sha256(layer) + "\"");
        }
        return "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
                .formatted(String.join(",", diffIds));
    }

    /** Moves a file to where its digest says, and gives its descriptor. */
    private static String blob(Path blobs, Path file, String mediaType) throws IOException {
        String digest = Digest.sha256(file);
        long sizeBytes = Files.size(file);
        Files.move(file, blobs.resolve(digest));
        return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d}"
                .formatted(mediaType, digest, sizeBytes);
    }
}
