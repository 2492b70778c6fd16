package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import java.time.Instant;

/**
 * The signed part of a metadata file (TUF 1.0, sections 4.3 to 4.6): plain values, not yet trusted
 * by themselves.
 */
public sealed interface Metadata
        permits RootMetadata, TimestampMetadata, SnapshotMetadata, TargetsMetadata {

    /** The version of the specification that is written; any 1.x is read. */
    String SPEC_VERSION = "1.0.34";

    /** The largest integer that every JSON reader knows exactly. */
    long MAX_VERSION = (1L << 53) - 1;

    Role role();

    long version();

    Instant expires();

    /** The signed object, as this code writes it. */
    ObjectNode json();

    /** The fields that all roles share, to which each adds its own. */
    static ObjectNode commonJson(Metadata metadata) {
        return StrictJson.object()
                .put("_type", metadata.role().code())
                .put("spec_version", SPEC_VERSION)
                .put("version", metadata.version())
                .put("expires", JsonFields.format(metadata.expires()));
    }

    /**
     * Checks the fields that say what kind of metadata this is: a snapshot that is served as a
     * timestamp is refused here, even where one key signs for both roles.
     */
    static void checkKind(JsonFields signed, Role role) throws FlipsideException {
        String type = signed.string("_type");
        if (!type.equals(role.code())) {
            throw signed.unexpected("_type", "'" + role.code() + "'", signed.node().get("_type"));
        }
        // 4.3, SPEC_VERSION: the major version has to match; the rest is the writer's business.
        String specVersion = signed.string("spec_version");
        if (!specVersion.matches("1(\\.[0-9]{1,6}){1,2}")) {
            throw signed.unexpected("spec_version", "1.x", signed.node().get("spec_version"));
        }
    }

    static long version(JsonFields signed) throws FlipsideException {
        return signed.integer("version", 1, MAX_VERSION);
    }
}
