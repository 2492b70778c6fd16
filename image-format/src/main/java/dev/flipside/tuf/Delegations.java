package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The roles that a targets role delegates to, in the order of their rank, with their keys
 * (DELEGATIONS of TUF 1.0, section 4.5).
 */
public record Delegations(SortedMap<String, VerificationKey> keys, List<DelegatedRole> roles) {
    private static final int MAX_ROLES = 1024;

    public Delegations {
        keys = Collections.unmodifiableSortedMap(new TreeMap<>(keys));
        roles = List.copyOf(roles);
    }

    static Delegations parse(JsonFields delegations) throws FlipsideException {
        SortedMap<String, VerificationKey> keys = new TreeMap<>();
        RoleKeys.parseKeys(delegations.object("keys"), keys);
        List<DelegatedRole> roles = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonFields role : delegations.list("roles", MAX_ROLES)) {
            DelegatedRole parsed = DelegatedRole.parse(role);
            // "The rolename MUST be unique in the delegations object"
            if (!names.add(parsed.name())) {
                throw role.unexpected("name", "each role once", role.node().get("name"));
            }
            roles.add(parsed);
        }
        return new Delegations(keys, roles);
    }

    void writeTo(ObjectNode json) {
        ObjectNode keysJson = json.putObject("keys");
        keys.forEach((keyId, key) -> keysJson.set(keyId, key.json()));
        ArrayNode rolesJson = json.putArray("roles");
        roles.forEach(role -> role.writeTo(rolesJson.addObject()));
    }
}
