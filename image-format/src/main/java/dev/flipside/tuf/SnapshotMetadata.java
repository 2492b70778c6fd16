package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The versions of all targets metadata that belong together (TUF 1.0, section 4.4).
 *
 * @param meta by file name without a version; {@code targets.json} is always there
 */
public record SnapshotMetadata(long version, Instant expires, SortedMap<String, MetaFile> meta)
        implements Metadata {
    private static final int MAX_FILES = 4096;

    public SnapshotMetadata {
        meta = Collections.unmodifiableSortedMap(new TreeMap<>(meta));
        if (!meta.containsKey(Role.TARGETS.fileName())) {
            throw new IllegalArgumentException("a snapshot without targets.json");
        }
    }

    static SnapshotMetadata parse(JsonFields signed) throws FlipsideException {
        Metadata.checkKind(signed, Role.SNAPSHOT);
        JsonFields metaFields = signed.object("meta");
        metaFields.object(Role.TARGETS.fileName());
        SortedMap<String, MetaFile> meta = new TreeMap<>();
        for (Map.Entry<String, JsonFields> entry : metaFields.objects(MAX_FILES)) {
            meta.put(entry.getKey(), MetaFile.parse(entry.getValue()));
        }
        return new SnapshotMetadata(Metadata.version(signed), signed.instant("expires"), meta);
    }

    @Override
    public Role role() {
        return Role.SNAPSHOT;
    }

    public MetaFile targets() {
        return meta.get(Role.TARGETS.fileName());
    }

    @Override
    public ObjectNode json() {
        ObjectNode json = Metadata.commonJson(this);
        ObjectNode metaJson = json.putObject("meta");
        meta.forEach((name, file) -> file.writeTo(metaJson.putObject(name)));
        return json;
    }
}
