package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.tuf.RoleKeys.KeyGroup;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The field {@code x-flipside} of root metadata: groups of keys that have to sign for a role beside
 * the keys and the threshold that every TUF client knows.
 *
 * <pre>
 * "x-flipside": {
 *   "keys": { KEYID: KEY, … },
 *   "groups": { ROLE: [ { "name": "ml-dsa-65", "keyids": [ KEYID, … ], "threshold": 1 }, … ], … }
 * }
 * </pre>
 *
 * <p>Keys that only groups name stand here and not in {@code keys}, because other clients refuse a
 * root with a kind of key that they do not know. They ignore this field, and signatures by keys
 * that they have not been told of.
 */
final class KeyGroups {
    static final String FIELD = "x-flipside";
    private static final int MAX_GROUPS = 16;

    private KeyGroups() {}

    /** Reads the keys into {@code keys}, and gives the groups of each role that has some. */
    static Map<Role, List<KeyGroup>> parse(
            JsonFields signed, SortedMap<String, VerificationKey> keys) throws FlipsideException {
        Map<Role, List<KeyGroup>> groups = new EnumMap<>(Role.class);
        if (!signed.has(FIELD)) {
            return groups;
        }
        JsonFields field = signed.object(FIELD);
        RoleKeys.parseKeys(field.object("keys"), keys);
        JsonFields byRole = field.object("groups");
        for (Role role : Role.values()) {
            if (byRole.has(role.code())) {
                groups.put(role, parseGroups(byRole, role, keys.keySet()));
            }
        }
        // A role that this code does not know would be a demand that it does not enforce.
        if (byRole.node().size() != groups.size()) {
            throw field.unexpected("groups", "the four top-level roles only", byRole.node());
        }
        return groups;
    }

    private static List<KeyGroup> parseGroups(JsonFields byRole, Role role, Set<String> known)
            throws FlipsideException {
        List<KeyGroup> groups = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (JsonFields group : byRole.list(role.code(), MAX_GROUPS)) {
            Set<String> keyIds = RoleKeys.keyIds(group);
            for (String keyId : keyIds) {
                // One key in two groups would stand for two signers.
                if (!known.contains(keyId) || !seen.add(keyId)) {
                    throw group.unexpected(
                            "keyids", "keys of this root, in one group each", group.node());
                }
            }
            groups.add(new KeyGroup(group.string("name"), keyIds, RoleKeys.parseThreshold(group)));
        }
        return groups;
    }

    static void write(RootMetadata root, ObjectNode json) {
        SortedMap<String, VerificationKey> keys = new TreeMap<>(keysOfGroupsOnly(root));
        boolean any = root.roles().values().stream().anyMatch(it -> !it.groups().isEmpty());
        if (!any) {
            return;
        }
        ObjectNode field = json.putObject(FIELD);
        ObjectNode keysJson = field.putObject("keys");
        keys.forEach((keyId, key) -> keysJson.set(keyId, key.json()));
        ObjectNode byRole = field.putObject("groups");
        root.roles().forEach((role, roleKeys) -> write(role, roleKeys.groups(), byRole));
    }

    private static void write(Role role, List<KeyGroup> groups, ObjectNode byRole) {
        if (groups.isEmpty()) {
            return;
        }
        ArrayNode list = byRole.putArray(role.code());
        for (KeyGroup group : groups) {
            ObjectNode groupJson = list.addObject().put("name", group.name());
            ArrayNode keyIds = groupJson.putArray("keyids");
            group.keyIds().forEach(keyIds::add);
            groupJson.put("threshold", group.threshold());
        }
    }

    /** The keys that no role of plain TUF lists. */
    static SortedMap<String, VerificationKey> keysOfGroupsOnly(RootMetadata root) {
        SortedMap<String, VerificationKey> keys = new TreeMap<>();
        for (RoleKeys role : root.roles().values()) {
            for (KeyGroup group : role.groups()) {
                group.keyIds().forEach(keyId -> keys.put(keyId, root.keys().get(keyId)));
            }
        }
        root.roles().values().forEach(role -> keys.keySet().removeAll(role.keyIds()));
        return keys;
    }
}
