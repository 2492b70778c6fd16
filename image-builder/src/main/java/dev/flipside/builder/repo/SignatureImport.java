package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Metadata;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.TrustedMetadata.Complete;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code repo import-signature}: adds signatures to what is proposed, and publishes it once the
 * last one is there.
 */
public final class SignatureImport {
    private SignatureImport() {}

    /**
     * @param signer whose bare signatures they are; empty when the files say it
     * @throws FlipsideException {@code proposal-missing} when nothing waits, {@code
     *     signature-invalid} for one that no key of the roles has made
     */
    public static Outcome run(
            Publisher publisher, List<Path> signatures, Optional<VerificationKey> signer)
            throws FlipsideException, IOException {
        try (RepositoryWriter writer = RepositoryWriter.openProposed(publisher.proposing())) {
            Draft draft = writer.proposal().orElseThrow(() -> nothingWaits(publisher));
            for (Path file : signatures) {
                draft = with(draft, file, SignatureFile.read(file, signer), writer.published());
            }
            RepositoryKeys keys =
                    publisher.keys().toString().isEmpty()
                            ? RepositoryKeys.none(publisher.keys())
                            : RepositoryKeys.read(publisher.keys(), Role.values());
            return writer.commit(draft, RepositoryWriter.NewFiles.NONE, keys);
        }
    }

    /** Drops what waits. */
    public static void discard(Publisher publisher) throws FlipsideException, IOException {
        try (RepositoryWriter writer = RepositoryWriter.openProposed(publisher)) {
            if (writer.proposal().isEmpty()) {
                throw nothingWaits(publisher);
            }
            writer.discard();
        }
    }

    private static Draft with(
            Draft draft, Path file, SignatureFile signature, Optional<Complete> published)
            throws FlipsideException {
        List<RootMetadata> roots = draft.signers(published.map(Complete::root));
        if (draft.root().isPresent() && made(draft.root().get(), signature, roots)) {
            return new Draft(
                    Optional.of(
                            draft.root()
                                    .get()
                                    .signedBy(
                                            signature.keyId(),
                                            signature.signature().toByteArray())),
                    draft.targets());
        }
        if (draft.targets().isPresent() && made(draft.targets().get(), signature, roots)) {
            return new Draft(
                    draft.root(),
                    Optional.of(
                            draft.targets()
                                    .get()
                                    .signedBy(
                                            signature.keyId(),
                                            signature.signature().toByteArray())));
        }
        throw new FlipsideException(
                FailureCode.SIGNATURE_INVALID,
                file.toString(),
                "a signature of what is proposed, by a key of its role",
                "another one, by key " + signature.keyId(),
                "sign the payload in '" + Proposal.FOLDER + "' as it is now");
    }

    private static boolean made(
            SignedMetadata<? extends Metadata> file,
            SignatureFile signature,
            List<RootMetadata> roots) {
        Role role = file.metadata().role();
        for (RootMetadata root : roots) {
            VerificationKey key = root.keys().get(signature.keyId());
            if (key != null
                    && root.keysOf(role).lists(signature.keyId())
                    && key.verifies(file.signedBytes(), signature.signature().toByteArray())) {
                return true;
            }
        }
        return false;
    }

    private static FlipsideException nothingWaits(Publisher publisher) {
        return new FlipsideException(
                FailureCode.PROPOSAL_MISSING,
                publisher.repository().toString(),
                "a proposal that waits for signatures",
                "none, or one that has been overtaken",
                "propose the change again with --propose");
    }
}
