package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.AlgorithmPolicy;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.TargetsMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What keys that may be offline have to sign: the next root, the next targets, both, or neither;
 * with the signatures so far.
 */
record Draft(
        Optional<SignedMetadata<RootMetadata>> root,
        Optional<SignedMetadata<TargetsMetadata>> targets) {

    static final Draft NOTHING = new Draft(Optional.empty(), Optional.empty());

    Draft withRoot(RootMetadata next) throws FlipsideException {
        return new Draft(Optional.of(SignedMetadata.unsigned(next)), targets);
    }

    Draft withTargets(TargetsMetadata next) throws FlipsideException {
        return new Draft(root, Optional.of(SignedMetadata.unsigned(next)));
    }

    /** The roots whose keys have a say: the one that hosts know, and the next. */
    List<RootMetadata> signers(Optional<RootMetadata> published) {
        List<RootMetadata> roots = new ArrayList<>();
        published.ifPresent(roots::add);
        root.ifPresent(next -> roots.add(next.metadata()));
        return roots;
    }

    Draft signedBy(RepositoryKeys keys, Optional<RootMetadata> published)
            throws FlipsideException, IOException {
        List<RootMetadata> roots = signers(published);
        return new Draft(
                root.isEmpty() ? root : Optional.of(keys.sign(root.get(), roots)),
                targets.isEmpty() ? targets : Optional.of(keys.sign(targets.get(), roots)));
    }

    /** Which thresholds are not met yet; each as a failure says it. */
    List<FlipsideException> missing(Optional<RootMetadata> published, AlgorithmPolicy algorithms)
            throws FlipsideException {
        List<RootMetadata> roots = signers(published);
        List<FlipsideException> missing = new ArrayList<>();
        if (root.isPresent()) {
            for (RootMetadata signers : roots) {
                check(root.get(), signers, algorithms, missing);
            }
        }
        if (targets.isPresent()) {
            check(targets.get(), roots.getLast(), algorithms, missing);
        }
        Set<String> lines = new LinkedHashSet<>();
        missing.removeIf(failure -> !lines.add(failure.getMessage()));
        return missing;
    }

    private static void check(
            SignedMetadata<?> file,
            RootMetadata signers,
            AlgorithmPolicy algorithms,
            List<FlipsideException> missing)
            throws FlipsideException {
        Role role = file.metadata().role();
        try {
            file.checkSignedBy(signers, role, algorithms);
        } catch (FlipsideException e) {
            if (!isTooFew(e)) {
                throw e;
            }
            missing.add(e);
        }
    }

    /** Whether a failure says that signatures are missing, and nothing else. */
    static boolean isTooFew(FlipsideException failure) {
        FailureCode code = failure.failure().code();
        return code == FailureCode.SIGNATURE_INVALID || code == FailureCode.SIGNATURES_TOO_FEW;
    }
}
