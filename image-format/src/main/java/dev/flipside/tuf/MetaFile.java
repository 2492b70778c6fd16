package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.util.Optional;

/**
 * What one metadata file says of another (METAFILES of TUF 1.0, section 4.4): which version it has
 * to have, and, where the writer chose to say so, which bytes.
 */
public record MetaFile(long version, Optional<Integer> lengthBytes, Optional<Digests> digests) {

    /** Pins a file by all that can be said of it. */
    public static MetaFile of(long version, byte[] content) {
        return new MetaFile(
                version, Optional.of(content.length), Optional.of(Digests.ofContent(content)));
    }

    static MetaFile parse(JsonFields meta) throws FlipsideException {
        return new MetaFile(
                meta.integer("version", 1, Metadata.MAX_VERSION),
                meta.has("length")
                        ? Optional.of((int) meta.integer("length", 1, Integer.MAX_VALUE))
                        : Optional.empty(),
                meta.has("hashes")
                        ? Optional.of(Digests.parse(meta.object("hashes")))
                        : Optional.empty());
    }

    void writeTo(ObjectNode json) {
        json.put("version", version);
        lengthBytes.ifPresent(length -> json.put("length", length));
        digests.ifPresent(found -> found.byFunction().forEach(json.putObject("hashes")::put));
    }

    /** How many bytes to fetch at most: what is said here, within what the role may have. */
    public int maxBytes(Role role) {
        return Math.min(lengthBytes.orElse(role.maxBytes()), role.maxBytes());
    }

    /** Checks length and digests, where there are any. */
    void check(byte[] content, String what) throws FlipsideException {
        if (lengthBytes.isPresent() && lengthBytes.get() != content.length) {
            throw new FlipsideException(
                    FailureCode.METADATA_MISMATCH,
                    what,
                    lengthBytes.get() + " bytes",
                    content.length + " bytes",
                    "publish the repository again, or use another mirror");
        }
        if (digests.isPresent()) {
            digests.get().check(content, what, FailureCode.METADATA_MISMATCH);
        }
    }
}
