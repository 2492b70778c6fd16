package dev.flipside.tuf;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The search for the role that vouches for one target path (TUF 1.0.34, 5.6.7): pre-order and
 * depth-first from the top-level targets role, without its downloads.
 *
 * <p>Invariant: a role is only ever visited with the keys of the role that delegated to it on this
 * very way, whatever another way to it has shown before; and each role is visited once.
 */
public final class TargetSearch {
    /** How many roles below the top-level one are visited in one search. */
    public static final int MAX_ROLES = 32;

    private final TrustedMetadata.Complete trusted;
    private final String path;
    private final Deque<Step> pending = new ArrayDeque<>();
    private final Set<String> visited = new HashSet<>();
    private Optional<Target> found;

    TargetSearch(TrustedMetadata.Complete trusted, String path) {
        this.trusted = trusted;
        this.path = path;
        this.found = trusted.targets().target(path);
        if (found.isEmpty()) {
            push(trusted.targets());
        }
    }

    /**
     * A role that has to be visited next.
     *
     * @param delegator whose keys it has
     */
    public record Step(DelegatedRole role, Delegations delegator) {}

    /** The role whose metadata is needed to go on; empty when the search has ended. */
    public Optional<Step> next() {
        // 5.6.7.1: a role that was visited is skipped, so cycles end; and a bound on all of them.
        while (!pending.isEmpty() && visited.contains(pending.peek().role().name())) {
            pending.pop();
        }
        return visited.size() >= MAX_ROLES ? Optional.empty() : Optional.ofNullable(pending.peek());
    }

    /** What the snapshot says of a role's file: without it, the role does not count. */
    public MetaFile expected(Step step) throws FlipsideException {
        MetaFile file = trusted.snapshot().meta().get(step.role().fileName());
        if (file == null) {
            throw new FlipsideException(
                    FailureCode.METADATA_MISMATCH,
                    "snapshot.json",
                    "the version of the delegated role " + step.role().name(),
                    "none",
                    "publish the repository again, or use another mirror");
        }
        return file;
    }

    /**
     * Visits a role: all checks that 5.6.2 to 5.6.5 ask for, then its targets, then those it
     * delegates to. When this throws, nothing has changed.
     */
    public void accept(Step step, byte[] file) throws FlipsideException {
        MetaFile expected = expected(step);
        // 5.6.2
        expected.check(file, step.role().fileName());
        SignedMetadata<TargetsMetadata> signed = SignedMetadata.targets(file);
        // 5.6.3, with the keys of the delegator
        signed.checkSignedBy(step.delegator(), step.role(), trusted.rules().algorithms());
        // 5.6.4
        TrustedMetadata.checkVersion(signed.metadata(), expected.version(), Role.SNAPSHOT);
        // 5.6.5
        TrustedMetadata.checkFresh(signed.metadata(), trusted.rules());
        visited.add(step.role().name());
        pending.pop();
        found = signed.metadata().target(path);
        if (found.isPresent()) {
            pending.clear();
        } else {
            push(signed.metadata());
        }
    }

    /** The target, once {@link #next} is empty; empty when no role vouches for the path. */
    public Optional<Target> found() {
        return found;
    }

    // 5.6.7.2: in the order of appearance. A terminating one ends the list, and whatever the roles
    // above were still to look at.
    private void push(TargetsMetadata targets) {
        if (targets.delegations().isEmpty()) {
            return;
        }
        Delegations delegations = targets.delegations().get();
        List<Step> matching = new ArrayList<>();
        for (DelegatedRole role : delegations.roles()) {
            if (role.isTrustedWith(path)) {
                matching.add(new Step(role, delegations));
                if (role.terminating()) {
                    pending.clear();
                    break;
                }
            }
        }
        matching.reversed().forEach(pending::push);
    }
}
