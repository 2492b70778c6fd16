package dev.flipside.builder.repo;

import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.TrustedMetadata.Roots;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * {@code repo rotate}: the next root, with other keys for a role. A key in the folder that no root
 * has listed for the role is a new one; one that a root has listed and this one does not stays
 * retired.
 */
public final class KeyRotation {
    private final RepositoryWriter writer;
    private final RepositoryKeys keys;
    private final Request request;
    private final Seating seating;
    private final Set<String> everListed = new LinkedHashSet<>();

    private KeyRotation(RepositoryWriter writer, RepositoryKeys keys, Request request)
            throws FlipsideException, IOException {
        this.writer = writer;
        this.keys = keys;
        this.request = request;
        this.seating = Seating.of(writer.root());
        for (Roots roots : writer.files().roots(RepositoryFiles.WHENEVER)) {
            everListed.addAll(Seating.of(roots.root()).keyIds(request.role()));
        }
        everListed.addAll(seating.keyIds(request.role()));
    }

    /**
     * What is to change.
     *
     * @param retire names or ids of keys that go; with none, and without {@code keep}, a seat's old
     *     keys go when it gets new ones
     * @param keep whether all old keys stay
     * @param algorithm of the keys that are made where the folder has no new ones
     */
    public record Request(
            Role role,
            List<String> retire,
            boolean keep,
            Map<Seat, Integer> thresholds,
            Optional<KeyAlgorithm> algorithm) {
        public Request {
            retire = List.copyOf(retire);
            thresholds = Map.copyOf(thresholds);
        }

        /** All keys of a role for new ones. */
        public static Request of(Role role) {
            return new Request(role, List.of(), false, Map.of(), Optional.empty());
        }
    }

    /**
     * What has changed.
     *
     * @param added names of keys
     * @param retired how many
     */
    public record Rotated(long rootVersion, List<String> added, int retired, Outcome outcome) {
        public Rotated {
            added = List.copyOf(added);
        }
    }

    /**
     * @throws FlipsideException {@code key-missing} when a threshold could not be met, or the keys
     *     at hand are too few to sign; {@code argument-invalid} for a key that the role does not
     *     have
     */
    public static Rotated run(Publisher publisher, Request request)
            throws FlipsideException, IOException {
        try (RepositoryWriter writer = RepositoryWriter.open(publisher)) {
            writer.requireNothingPending();
            RepositoryKeys keys = RepositoryKeys.read(publisher.keys(), Role.values());
            return new KeyRotation(writer, keys, request).run();
        }
    }

    private Rotated run() throws FlipsideException, IOException {
        Set<String> before = seating.keyIds(request.role());
        SortedSet<KeyName> fresh = fresh();
        if (fresh.isEmpty() && !request.keep() && request.retire().isEmpty()) {
            int count = seating.keyIds(Seat.of(request.role())).size();
            for (int made = 0; made < count; made++) {
                fresh.add(keys.makeAnother(Seat.of(request.role()), algorithm()));
            }
        }
        retire(fresh);
        for (KeyName name : fresh) {
            VerificationKey key = keys.publicKeys().get(name);
            writer.files().settings().requireAllowed(name.toString(), key);
            seating.add(name.seat(), key);
        }
        seating.threshold(request.thresholds());
        RootMetadata next =
                seating.root(
                        Proposal.rootVersion(Optional.of(writer.current())) + 1,
                        writer.expiry(Role.ROOT));
        before.removeAll(seating.keyIds(request.role()));
        return new Rotated(
                next.version(),
                fresh.stream().map(KeyName::toString).toList(),
                before.size(),
                writer.publish(next, keys));
    }

    private SortedSet<KeyName> fresh() {
        SortedSet<KeyName> fresh = new TreeSet<>();
        keys.publicKeys()
                .forEach(
                        (name, key) -> {
                            if (name.seat().role() == request.role()
                                    && !everListed.contains(key.keyId())) {
                                fresh.add(name);
                            }
                        });
        return fresh;
    }

    private KeyAlgorithm algorithm() {
        return request.algorithm().orElse(writer.files().settings().usualAlgorithm());
    }

    private void retire(SortedSet<KeyName> fresh) throws FlipsideException {
        if (!request.retire().isEmpty()) {
            Set<String> gone = new LinkedHashSet<>();
            for (String key : request.retire()) {
                gone.add(listed(key));
            }
            seating.remove(request.role(), gone);
            return;
        }
        if (!request.keep()) {
            for (KeyName name : fresh) {
                seating.removeAll(name.seat());
            }
        }
    }

    private String listed(String key) throws FlipsideException {
        List<String> found = new ArrayList<>();
        keys.publicKeys()
                .forEach(
                        (name, publicKey) -> {
                            if (name.toString().equals(key)) {
                                found.add(publicKey.keyId());
                            }
                        });
        found.add(key);
        for (String keyId : found) {
            if (seating.keyIds(request.role()).contains(keyId)) {
                return keyId;
            }
        }
        throw new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                "--retire " + key,
                "a key of the " + request.role().code() + " role, by its name or its id",
                "none",
                "give one of " + String.join(", ", seating.keyIds(request.role())));
    }
}
