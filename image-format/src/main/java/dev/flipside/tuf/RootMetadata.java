package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.tuf.RoleKeys.KeyGroup;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        RoleKeys.parseKeys(signed.object("keys"), keys);
        Map<Role, List<KeyGroup>> groups = KeyGroups.parse(signed, keys);
        JsonFields roleFields = signed.object("roles");
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            roles.put(
                    role,
                    RoleKeys.parse(
                            roleFields.object(role.code()), groups.getOrDefault(role, List.of())));
        }
        return new RootMetadata(
                Metadata.version(signed),
                signed.instant("expires"),
                // Optional, for the sake of old metadata; without it there are no prefixes.
                signed.has("consistent_snapshot") && signed.bool("consistent_snapshot"),
                keys,
                roles);
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
        return !next.allKeyIds(role).containsAll(allKeyIds(role));
    }

    private Set<String> allKeyIds(Role role) {
        Set<String> keyIds = new HashSet<>(keysOf(role).keyIds());
        keysOf(role).groups().forEach(group -> keyIds.addAll(group.keyIds()));
        return keyIds;
    }

    @Override
    public ObjectNode json() {
        ObjectNode json = Metadata.commonJson(this);
        json.put("consistent_snapshot", consistentSnapshot);
        Set<String> elsewhere = KeyGroups.keysOfGroupsOnly(this).keySet();
        ObjectNode keysJson = json.putObject("keys");
        keys.forEach(
                (keyId, key) -> {
                    if (!elsewhere.contains(keyId)) {
                        keysJson.set(keyId, key.json());
                    }
                });
        ObjectNode rolesJson = json.putObject("roles");
        roles.forEach((role, roleKeys) -> roleKeys.writeTo(rolesJson.putObject(role.code())));
        KeyGroups.write(this, json);
        return json;
    }
}
