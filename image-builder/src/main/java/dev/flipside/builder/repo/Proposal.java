package dev.flipside.builder.repo;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import dev.flipside.platform.DurableFolder.Content;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.TargetsMetadata;
import dev.flipside.tuf.TrustedMetadata.Complete;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The folder {@code proposed/} of a repository: a {@link Draft} that waits for signatures, and next
 * to it, as {@code ROLE-VERSION.payload}, the very bytes that have to be signed.
 */
final class Proposal {
    static final String FOLDER = "proposed";
    private static final String ROOT = FOLDER + "/" + Role.ROOT.fileName();
    private static final String TARGETS = FOLDER + "/" + Role.TARGETS.fileName();
    private static final String PAYLOAD = ".payload";

    private final DurableFolder folder;

    Proposal(DurableFolder folder) {
        this.folder = folder;
    }

    /** What waits; empty when nothing does, or what did was overtaken by what was published. */
    Optional<Draft> read(Optional<Complete> published) throws FlipsideException, IOException {
        Optional<byte[]> root = folder.read(ROOT, Role.ROOT.maxBytes());
        Optional<byte[]> targets = folder.read(TARGETS, Role.TARGETS.maxBytes());
        Optional<SignedMetadata<RootMetadata>> nextRoot =
                root.isEmpty() ? Optional.empty() : Optional.of(SignedMetadata.root(root.get()));
        Optional<SignedMetadata<TargetsMetadata>> nextTargets =
                targets.isEmpty()
                        ? Optional.empty()
                        : Optional.of(SignedMetadata.targets(targets.get()));
        boolean overtaken =
                nextRoot.filter(it -> it.metadata().version() != rootVersion(published) + 1)
                                .isPresent()
                        || nextTargets
                                .filter(
                                        it ->
                                                it.metadata().version()
                                                        != targetsVersion(published) + 1)
                                .isPresent();
        return overtaken || (nextRoot.isEmpty() && nextTargets.isEmpty())
                ? Optional.empty()
                : Optional.of(new Draft(nextRoot, nextTargets));
    }

    static long rootVersion(Optional<Complete> published) {
        return published.map(it -> it.root().version()).orElse(0L);
    }

    static long targetsVersion(Optional<Complete> published) {
        return published.map(it -> it.targets().version()).orElse(0L);
    }

    /**
     * Puts a draft in the place of what waited before. No signature is lost on the way.
     *
     * @return the payloads
     */
    List<String> write(Draft draft) throws FlipsideException, IOException {
        List<String> payloads = new ArrayList<>();
        if (draft.root().isPresent()) {
            payloads.add(write(ROOT, draft.root().get()));
        }
        if (draft.targets().isPresent()) {
            payloads.add(write(TARGETS, draft.targets().get()));
        }
        List<String> kept = new ArrayList<>(payloads);
        draft.root().ifPresent(it -> kept.add(ROOT));
        draft.targets().ifPresent(it -> kept.add(TARGETS));
        removeAllBut(kept);
        return payloads;
    }

    private String write(String path, SignedMetadata<?> file)
            throws FlipsideException, IOException {
        String payload = payload(file);
        folder.replace(payload, Content.of(file.signedBytes()));
        folder.replace(path, Content.of(file.encode()));
        return payload;
    }

    static String payload(SignedMetadata<?> file) {
        return FOLDER
                + "/"
                + file.metadata().role().code()
                + "-"
                + file.metadata().version()
                + PAYLOAD;
    }

    void remove() throws IOException {
        removeAllBut(List.of());
    }

    private void removeAllBut(List<String> kept) throws IOException {
        for (String name : folder.list(FOLDER)) {
            String path = FOLDER + "/" + name;
            if (!kept.contains(path)) {
                folder.remove(path);
            }
        }
    }
}
