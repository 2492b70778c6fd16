package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.KeyScheme;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RoleKeys;
import dev.flipside.tuf.RoleKeys.KeyGroup;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.VerificationKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which keys sit where, and how many of them have to sign: what a root says, to be changed. */
final class Seating {
    private final SortedMap<Seat, SortedMap<String, VerificationKey>> seats = new TreeMap<>();
    private final SortedMap<Seat, Integer> thresholds = new TreeMap<>();

    static Seating of(RootMetadata root) {
        Seating seating = new Seating();
        root.roles()
                .forEach(
                        (role, keys) -> {
                            seating.seat(Seat.of(role), keys.keyIds(), keys.threshold(), root);
                            for (KeyGroup group : keys.groups()) {
                                Seat seat = new Seat(role, java.util.Optional.of(group.name()));
                                seating.seat(seat, group.keyIds(), group.threshold(), root);
                            }
                        });
        return seating;
    }

    private void seat(Seat seat, Set<String> keyIds, int threshold, RootMetadata root) {
        thresholds.put(seat, threshold);
        for (String keyId : keyIds) {
            // A key that a root lists and does not have is nobody's.
            if (root.keys().containsKey(keyId)) {
                add(seat, root.keys().get(keyId));
            }
        }
    }

    void add(Seat seat, VerificationKey key) {
        seats.computeIfAbsent(seat, it -> new TreeMap<>()).put(key.keyId(), key);
        thresholds.putIfAbsent(seat, 1);
    }

    /** Takes keys away, wherever in a role they sit. */
    void remove(Role role, Set<String> keyIds) {
        seats.forEach(
                (seat, keys) -> {
                    if (seat.role() == role) {
                        keys.keySet().removeAll(keyIds);
                    }
                });
    }

    void removeAll(Seat seat) {
        seats.remove(seat);
    }

    Set<String> keyIds(Seat seat) {
        return new LinkedHashSet<>(seats.getOrDefault(seat, new TreeMap<>()).keySet());
    }

    Set<String> keyIds(Role role) {
        Set<String> all = new LinkedHashSet<>();
        seats.forEach(
                (seat, keys) -> {
                    if (seat.role() == role) {
                        all.addAll(keys.keySet());
                    }
                });
        return all;
    }

    /**
     * How many keys have to sign.
     *
     * @throws FlipsideException {@code argument-invalid} for a group without keys
     */
    void threshold(Map<Seat, Integer> changes) throws FlipsideException {
        for (Map.Entry<Seat, Integer> change : changes.entrySet()) {
            if (!seats.containsKey(change.getKey())) {
                throw new FlipsideException(
                        FailureCode.ARGUMENT_INVALID,
                        "--threshold " + change.getKey(),
                        "a role or a group with keys",
                        "none",
                        "put keys named " + change.getKey() + "-1 and so on into the key folder");
            }
            thresholds.put(change.getKey(), change.getValue());
        }
    }

    /**
     * The root that says so.
     *
     * @throws FlipsideException {@code key-missing} where a threshold could never be met
     */
    RootMetadata root(long version, Instant expires) throws FlipsideException {
        SortedMap<String, VerificationKey> all = new TreeMap<>();
        Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            List<KeyGroup> groups = new ArrayList<>();
            for (Seat seat : new ArrayList<>(thresholds.keySet())) {
                if (seat.role() == role && seat.group().isPresent() && isWanted(seat)) {
                    groups.add(
                            new KeyGroup(
                                    seat.group().get(), checked(seat, all), thresholds.get(seat)));
                }
            }
            Seat own = Seat.of(role);
            roles.put(
                    role, new RoleKeys(checked(own, all), thresholds.getOrDefault(own, 1), groups));
        }
        return new RootMetadata(version, expires, true, all, roles);
    }

    /** Who has to sign, in lines for people. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        seats.forEach(
                (seat, keys) -> {
                    lines.add("  %s: %d of %d".formatted(seat, thresholds.get(seat), keys.size()));
                    keys.forEach(
                            (keyId, key) ->
                                    lines.add(
                                            "    %s %s"
                                                    .formatted(
                                                            keyId,
                                                            key.scheme()
                                                                    .map(KeyScheme::code)
                                                                    .orElse("unknown"))));
                });
        return lines;
    }

    private boolean isWanted(Seat seat) {
        return seats.containsKey(seat);
    }

    private Set<String> checked(Seat seat, SortedMap<String, VerificationKey> all)
            throws FlipsideException {
        SortedMap<String, VerificationKey> keys = seats.getOrDefault(seat, new TreeMap<>());
        int threshold = thresholds.getOrDefault(seat, 1);
        if (keys.size() < threshold) {
            throw new FlipsideException(
                    FailureCode.KEY_MISSING,
                    "keys of " + seat,
                    threshold + " key(s), as many as have to sign",
                    Integer.toString(keys.size()),
                    "put more keys named " + seat + "-N into the key folder, or lower --threshold");
        }
        all.putAll(keys);
        return keys.keySet();
    }
}
