package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of the repository, pinned by length and digest, and the roles that vouch for further
 * ones (TUF 1.0, section 4.5); of the top-level role, or of one that it delegates to.
 *
 * @param targets by target path, which never has a digest or a version in it
 */
public record TargetsMetadata(
        long version,
        Instant expires,
        SortedMap<String, Target> targets,
        Optional<Delegations> delegations)
        implements Metadata {
    private static final int MAX_TARGETS = 16384;

    public TargetsMetadata {
        targets = Collections.unmodifiableSortedMap(new TreeMap<>(targets));
    }

    /** Targets without delegations. */
    public TargetsMetadata(long version, Instant expires, SortedMap<String, Target> targets) {
        this(version, expires, targets, Optional.empty());
    }

    static TargetsMetadata parse(JsonFields signed) throws FlipsideException {
        Metadata.checkKind(signed, Role.TARGETS);
        SortedMap<String, Target> targets = new TreeMap<>();
        for (Map.Entry<String, JsonFields> entry : signed.object("targets").objects(MAX_TARGETS)) {
            JsonFields target = entry.getValue();
            targets.put(
                    entry.getKey(),
                    new Target(
                            entry.getKey(),
                            target.integer("length", 0, MAX_VERSION),
                            Digests.parse(target.object("hashes"))));
        }
        return new TargetsMetadata(
                Metadata.version(signed),
                signed.instant("expires"),
                targets,
                signed.has("delegations")
                        ? Optional.of(Delegations.parse(signed.object("delegations")))
                        : Optional.empty());
    }

    @Override
    public Role role() {
        return Role.TARGETS;
    }

    public Optional<Target> target(String path) {
        return Optional.ofNullable(targets.get(path));
    }

    @Override
    public ObjectNode json() {
        ObjectNode json = Metadata.commonJson(this);
        ObjectNode targetsJson = json.putObject("targets");
        targets.forEach(
                (path, target) -> {
                    ObjectNode targetJson = targetsJson.putObject(path);
                    targetJson.put("length", target.lengthBytes());
                    ObjectNode hashes = targetJson.putObject("hashes");
                    target.digests().byFunction().forEach(hashes::put);
                });
        delegations.ifPresent(it -> it.writeTo(json.putObject("delegations")));
        return json;
    }
}
