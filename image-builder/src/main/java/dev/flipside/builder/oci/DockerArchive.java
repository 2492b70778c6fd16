package dev.flipside.builder.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code docker save} writes: {@code manifest.json}, a list of images, each with a
 * configuration, names and layers by their paths. The configuration is named by its digest and
 * holds those of the layers, so that everything is checked here, too.
 */
final class DockerArchive {
    private static final int MAX_IMAGES = 1000;
    private static final String WHERE = "manifest.json";

    /** {@code HEX.json}, or a blob of an OCI layout. */
    private static final Pattern CONFIG =
            Pattern.compile("(?:blobs/sha256/)?([0-9a-f]{64})(?:\\.json)?");

    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,7}");

    private final ImageDocuments documents;
    private final ImageChoice choice;
    private final ImageRefusal refusal;

    DockerArchive(ImageDocuments documents, ImageChoice choice) {
        this.documents = documents;
        this.choice = choice;
        this.refusal = documents.refusal();
    }

    private record Image(ImageConfig config, JsonFields fields) {}

    LayeredImage resolve() throws IOException, FlipsideException {
        ArrayNode list = documents.readList(WHERE);
        if (list.size() > MAX_IMAGES) {
            throw refusal.malformed(WHERE, "at most " + MAX_IMAGES + " images", list.size() + "");
        }
        Offers offers = new Offers(refusal);
        Map<String, Image> images = new LinkedHashMap<>();
        for (JsonNode node : list) {
            if (!(node instanceof ObjectNode object)) {
                throw refusal.malformed(WHERE, "a list of objects", "something else in it");
            }
            JsonFields fields =
                    new JsonFields(
                            object, documents.what(WHERE), FailureCode.CONTAINER_IMAGE_MALFORMED);
            String path = path(fields, fields.string("Config"));
            ImageConfig config = config(path);
            images.put(id(path), new Image(config, fields));
            boolean named = fields.has("RepoTags") && fields.node().get("RepoTags").isArray();
            offers.add(
                    id(path),
                    named ? fields.strings("RepoTags", MAX_IMAGES) : List.of(),
                    config.platform());
        }
        return image(images.get(offers.pick(choice)));
    }

    private LayeredImage image(Image image) throws IOException, FlipsideException {
        image.config().requireLinux("image", refusal);
        List<String> paths = image.fields().strings("Layers", ImageConfig.MAX_LAYERS);
        image.config().requireLayers(paths.size(), WHERE, refusal);
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            String path = path(image.fields(), paths.get(i));
            if (documents.files().sizeBytes(path).isEmpty()) {
                throw refusal.missing("layer '" + path + "'", path);
            }
            layers.add(
                    new Layer(
                            path,
                            Optional.empty(),
                            OptionalLong.empty(),
                            Optional.empty(),
                            image.config().diffIds().get(i)));
        }
        return new LayeredImage(layers);
    }

    private ImageConfig config(String path) throws IOException, FlipsideException {
        String where = "configuration '" + path + "'";
        byte[] bytes = documents.bytes(path, where);
        Matcher matcher = CONFIG.matcher(path);
        if (matcher.matches()) {
            documents.requireDigest(
                    bytes,
                    new ContentDigest(ContentDigest.Algorithm.SHA256, matcher.group(1)),
                    where);
        }
        return ImageConfig.parse(documents.parse(bytes, where));
    }

    private static String id(String configPath) {
        Matcher matcher = CONFIG.matcher(configPath);
        return matcher.matches() ? "sha256:" + matcher.group(1) : configPath;
    }

    /** A path within the archive. */
    private static String path(JsonFields fields, String path) throws FlipsideException {
        if (!PATH.matcher(path).matches() || path.matches("(.*/)?\\.\\.?(/.*)?")) {
            throw new FlipsideException(
                    FailureCode.CONTAINER_IMAGE_MALFORMED,
                    fields.what(),
                    "a path within the archive",
                    "'" + path + "'",
                    "make or fetch the image again");
        }
        return path;
    }
}
