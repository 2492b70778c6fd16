package dev.flipside.builder.oci;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.util.List;

/**
 * One container image, chosen and understood: its layers, the lowest first, every file of which is
 * there.
 */
public record LayeredImage(List<Layer> layers) {
    private static final String OCI_MARK = "oci-layout";
    private static final String OCI_INDEX = "index.json";
    private static final String DOCKER_MANIFEST = "manifest.json";

    public LayeredImage {
        layers = List.copyOf(layers);
    }

    /**
     * True when these files are an OCI layout or a docker archive, and not a root file system; this
     * one has {@code etc} or {@code usr}, whatever else it has.
     */
    public static boolean isIn(ImageFiles files) throws IOException {
        return (isOci(files) || files.sizeBytes(DOCKER_MANIFEST).isPresent())
                && !files.isFolder("etc")
                && !files.isFolder("usr");
    }

    private static boolean isOci(ImageFiles files) throws IOException {
        return files.sizeBytes(OCI_MARK).isPresent() && files.sizeBytes(OCI_INDEX).isPresent();
    }

    /**
     * Reads and checks all but the layers.
     *
     * @throws FlipsideException {@code container-image-malformed}, {@code
     *     container-image-ambiguous}, {@code digest-mismatch}, {@code input-missing}, {@code
     *     rootfs-unsupported}
     */
    public static LayeredImage resolve(ImageFiles files, ImageChoice choice)
            throws IOException, FlipsideException {
        ImageDocuments documents = new ImageDocuments(files);
        return isOci(files)
                ? new OciLayout(documents, choice).resolve()
                : new DockerArchive(documents, choice).resolve();
    }
}
