package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.time.Instant;

/** Which snapshot is the newest one (TUF 1.0, section 4.6). */
public record TimestampMetadata(long version, Instant expires, MetaFile snapshot)
        implements Metadata {

    static TimestampMetadata parse(JsonFields signed) throws FlipsideException {
        Metadata.checkKind(signed, Role.TIMESTAMP);
        JsonFields meta = signed.object("meta");
        if (meta.node().size() != 1) {
            throw signed.unexpected("meta", "only snapshot.json", meta.node());
        }
        return new TimestampMetadata(
                Metadata.version(signed),
                signed.instant("expires"),
                MetaFile.parse(meta.object(Role.SNAPSHOT.fileName())));
    }

    @Override
    public Role role() {
        return Role.TIMESTAMP;
    }

    @Override
    public ObjectNode json() {
        ObjectNode json = Metadata.commonJson(this);
        snapshot.writeTo(json.putObject("meta").putObject(Role.SNAPSHOT.fileName()));
        return json;
    }
}
