package dev.flipside.builder.oci;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads the JSON documents of an image, each of them bounded, and checked where a digest is known.
 */
record ImageDocuments(ImageFiles files, ImageRefusal refusal) {
    /** What registries accept. */
    static final int MAX_BYTES = 4 << 20;

    ImageDocuments(ImageFiles files) {
        this(files, new ImageRefusal(files.name()));
    }

    JsonFields read(String path, String where) throws IOException, FlipsideException {
        return parse(bytes(path, where), where);
    }

    ArrayNode readList(String path) throws IOException, FlipsideException {
        return StrictJson.parseList(
                bytes(path, path), what(path), FailureCode.CONTAINER_IMAGE_MALFORMED);
    }

    /** A document that another one names with digest and size. */
    JsonFields read(Descriptor descriptor, String where) throws IOException, FlipsideException {
        byte[] bytes = bytes(descriptor.digest().blobPath(), where);
        if (bytes.length != descriptor.sizeBytes()) {
            throw refusal.mismatch(
                    where, descriptor.sizeBytes() + " bytes", bytes.length + " bytes");
        }
        requireDigest(bytes, descriptor.digest(), where);
        return parse(bytes, where);
    }

    void requireDigest(byte[] bytes, ContentDigest expected, String where)
            throws FlipsideException {
        var digest = expected.start();
        digest.update(bytes);
        ContentDigest found = expected.of(digest);
        if (!found.equals(expected)) {
            throw refusal.mismatch(where, expected.toString(), found.toString());
        }
    }

    byte[] bytes(String path, String where) throws IOException, FlipsideException {
        OptionalLong size = files.sizeBytes(path);
        if (size.isEmpty()) {
            throw refusal.missing(where, path);
        }
        byte[][] bytes = new byte[1][];
        files.read(Set.of(path), (_, in) -> bytes[0] = in.readNBytes(MAX_BYTES + 1));
        if (bytes[0].length > MAX_BYTES) {
            throw refusal.malformed(where, "at most " + MAX_BYTES + " bytes", "more");
        }
        return bytes[0];
    }

    JsonFields parse(byte[] bytes, String where) throws FlipsideException {
        return JsonFields.parse(bytes, what(where), FailureCode.CONTAINER_IMAGE_MALFORMED);
    }

    String what(String where) {
        return files.name() + ": " + where;
    }
}
