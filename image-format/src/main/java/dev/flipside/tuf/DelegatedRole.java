package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A role that another targets role trusts with some target paths (TUF 1.0, section 4.5).
 *
 * @param name as the repository has it; a file's name only in its {@link
 *     dev.flipside.repository.PathEncoding encoded} form
 * @param terminating whether nothing is searched for after this role and those below it
 * @param patterns the paths that it is trusted with; empty where {@code hashPrefixes} say it
 * @param hashPrefixes hex digits with which the SHA-256 of a path begins
 */
public record DelegatedRole(
        String name,
        RoleKeys keys,
        boolean terminating,
        List<String> patterns,
        List<String> hashPrefixes) {
    private static final int MAX_PATHS = 1024;
    private static final int MAX_NAME_BYTES = 64;
    private static final Pattern HASH_PREFIX = Pattern.compile("[0-9a-f]{1,64}");
    private static final Set<String> TOP_LEVEL =
            Set.of("root", "timestamp", "snapshot", "targets", "mirrors");

    public DelegatedRole {
        patterns = List.copyOf(patterns);
        hashPrefixes = List.copyOf(hashPrefixes);
    }

    static DelegatedRole parse(JsonFields role) throws FlipsideException {
        String name = role.string("name");
        // A role that is named as a top-level one would be stored, and asked for, in its place.
        if (name.isEmpty()
                || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES
                || TOP_LEVEL.contains(name.toLowerCase(Locale.ROOT))) {
            throw role.unexpected(
                    "name",
                    "1 to " + MAX_NAME_BYTES + " bytes that name no top-level role",
                    role.node().get("name"));
        }
        // "exactly one of them should be set"
        if (role.has("paths") == role.has("path_hash_prefixes")) {
            throw role.unexpected("paths", "paths or path_hash_prefixes", role.node());
        }
        List<String> prefixes =
                role.has("paths") ? List.of() : role.strings("path_hash_prefixes", MAX_PATHS);
        for (String prefix : prefixes) {
            if (!HASH_PREFIX.matcher(prefix).matches()) {
                throw role.unexpected("path_hash_prefixes", "lowercase hex digits", role.node());
            }
        }
        return new DelegatedRole(
                name,
                RoleKeys.parse(role, List.of()),
                role.has("terminating") && role.bool("terminating"),
                role.has("paths") ? role.strings("paths", MAX_PATHS) : List.of(),
                prefixes);
    }

    /** The name as snapshot metadata refers to the role's file. */
    public String fileName() {
        return name + ".json";
    }

    /** Whether this role is trusted with a target path. */
    boolean isTrustedWith(String path) {
        if (!hashPrefixes.isEmpty()) {
            String digest = Digests.sha256(path.getBytes(StandardCharsets.UTF_8));
            return hashPrefixes.stream().anyMatch(digest::startsWith);
        }
        return patterns.stream().anyMatch(pattern -> new PathPattern(pattern).matches(path));
    }

    void writeTo(ObjectNode json) {
        json.put("name", name);
        keys.writeTo(json);
        json.put("terminating", terminating);
        ArrayNode list = json.putArray(hashPrefixes.isEmpty() ? "paths" : "path_hash_prefixes");
        patterns.forEach(list::add);
        hashPrefixes.forEach(list::add);
    }
}
