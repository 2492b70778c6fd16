package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The keys and thresholds of all four roles (TUF 1.0, section 4.3).
 *
 * @param keys by key id; each id has been computed from its key
 * @param consistentSnapshot whether file names carry versions and digests
 */
public record RootMetadata(
        long version,
        Instant expires,
        boolean consistentSnapshot,
        SortedMap<String, VerificationKey> keys,
        Map<Role, RoleKeys> roles)
        implements Metadata {
    private static final int MAX_KEYS = 256;

    public RootMetadata {
        keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
        roles = Collections.unmodifiableMap(new EnumMap<>(roles));
        if (roles.size() != Role.values().length) {
            throw new IllegalArgumentException("roles " + roles.keySet());
        }
    }

    static RootMetadata parse(JsonFields signed) throws FlipsideException {
        Metadata.checkKind(signed, Role.ROOT);
        SortedMap<String, VerificationKey> keys = new TreeMap<>();
        for (Map.Entry<String, JsonFields> entry : signed.object("keys").objects(MAX_KEYS)) {
            VerificationKey key = VerificationKey.parse(entry.getValue());
            // 4.3, KEYID: "Clients MUST calculate each KEYID to verify this is correct".
            if (!key.keyId().equals(entry.getKey())) {
                throw signed.unexpected("keys", "key id " + key.keyId(), key.json());
            }
            keys.put(entry.getKey(), key);
        }
        JsonFields roleFields = signed.object("roles");
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            roles.put(role, parseRole(roleFields.object(role.code())));
        }
        return new RootMetadata(
                Metadata.version(signed),
                signed.instant("expires"),
                // Optional, for the sake of old metadata; without it there are no prefixes.
                signed.has("consistent_snapshot") && signed.bool("consistent_snapshot"),
                keys,
                roles);
    }

    private static RoleKeys parseRole(JsonFields role) throws FlipsideException {
        return new RoleKeys(
                new java.util.LinkedHashSet<>(role.strings("keyids", MAX_KEYS)),
                (int) role.integer("threshold", 1, Integer.MAX_VALUE));
    }

    @Override
    public Role role() {
        return Role.ROOT;
    }

    public RoleKeys keysOf(Role role) {
        return roles.get(role);
    }

    /** Whether the next root takes a key away from a role that this one gave it. */
    public boolean isRevokedBy(RootMetadata next, Role role) {
        return !next.keysOf(role).keyIds().containsAll(keysOf(role).keyIds());
    }

    @Override
    public ObjectNode json() {
        ObjectNode json = Metadata.commonJson(this);
        json.put("consistent_snapshot", consistentSnapshot);
        ObjectNode keysJson = json.putObject("keys");
        keys.forEach((keyId, key) -> keysJson.set(keyId, key.json()));
        ObjectNode rolesJson = json.putObject("roles");
        roles.forEach(
                (role, roleKeys) -> {
                    ObjectNode roleJson = rolesJson.putObject(role.code());
                    ArrayNode keyIds = roleJson.putArray("keyids");
                    roleKeys.keyIds().forEach(keyIds::add);
                    roleJson.put("threshold", roleKeys.threshold());
                });
        return json;
    }
}
