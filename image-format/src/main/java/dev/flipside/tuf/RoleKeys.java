package dev.flipside.tuf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which keys may sign for a role, and how many distinct ones have to (TUF 1.0, section 4.3). A
 * threshold above the number of keys is legal, and can never be met.
 *
 * @param threshold at least 1
 * @param groups what hosts demand beside the threshold, which other TUF clients do not know
 */
public record RoleKeys(Set<String> keyIds, int threshold, List<KeyGroup> groups) {
    static final int MAX_KEYS = 256;

    public RoleKeys {
        checkThreshold(threshold);
        keyIds = Collections.unmodifiableSet(new LinkedHashSet<>(keyIds));
        groups = List.copyOf(groups);
    }

    /** A role as every TUF client knows it. */
    public RoleKeys(Set<String> keyIds, int threshold) {
        this(keyIds, threshold, List.of());
    }

    /**
     * So many distinct keys of a group, as "one of the ML-DSA keys".
     *
     * @param name says what kind of keys they are; it only appears in messages
     * @param threshold at least 1
     */
    public record KeyGroup(String name, Set<String> keyIds, int threshold) {
        public KeyGroup {
            checkThreshold(threshold);
            keyIds = Collections.unmodifiableSet(new LinkedHashSet<>(keyIds));
        }
    }

    private static void checkThreshold(int threshold) {
        if (threshold < 1) {
            throw new IllegalArgumentException("threshold " + threshold);
        }
    }

    /** Whether a signature of this key counts for something. */
    public boolean lists(String keyId) {
        return keyIds.contains(keyId)
                || groups.stream().anyMatch(group -> group.keyIds().contains(keyId));
    }

    static RoleKeys parse(JsonFields role, List<KeyGroup> groups) throws FlipsideException {
        return new RoleKeys(keyIds(role), parseThreshold(role), groups);
    }

    static Set<String> keyIds(JsonFields role) throws FlipsideException {
        return new LinkedHashSet<>(role.strings("keyids", MAX_KEYS));
    }

    static int parseThreshold(JsonFields role) throws FlipsideException {
        if (role.node().path("threshold").isIntegralNumber()
                && role.node().path("threshold").asLong() < 1) {
            throw new FlipsideException(
                    FailureCode.THRESHOLD_INVALID,
                    role.what(),
                    "a threshold of 1 or more",
                    role.node().get("threshold").asText(),
                    "use another mirror: no honest repository asks for no signature");
        }
        return (int) role.integer("threshold", 1, Integer.MAX_VALUE);
    }

    /** Reads keys by their ids, each of which is computed again. */
    static void parseKeys(JsonFields keys, Map<String, VerificationKey> into)
            throws FlipsideException {
        for (Map.Entry<String, JsonFields> entry : keys.objects(MAX_KEYS)) {
            VerificationKey key = VerificationKey.parse(entry.getValue());
            // 4.3, KEYID: "Clients MUST calculate each KEYID to verify this is correct".
            if (!key.keyId().equals(entry.getKey())) {
                throw keys.unexpected(entry.getKey(), "key id " + key.keyId(), key.json());
            }
            into.put(entry.getKey(), key);
        }
    }

    void writeTo(ObjectNode role) {
        ArrayNode keyIdsJson = role.putArray("keyids");
        keyIds.forEach(keyIdsJson::add);
        role.put("threshold", threshold);
    }
}
