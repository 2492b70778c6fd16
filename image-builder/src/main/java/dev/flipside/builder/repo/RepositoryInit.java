package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFolder;
import dev.flipside.platform.DurableFolder.Content;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.util.Map;

/** {@code repo init}: an empty repository, and the keys that are still missing for it. */
public final class RepositoryInit {
    private RepositoryInit() {}

    /**
     * What kind of repository.
     *
     * @param thresholds how many keys have to sign; 1 where nothing is said
     */
    public record Request(RepositorySettings settings, Map<Seat, Integer> thresholds) {
        public static final Request USUAL = new Request(RepositorySettings.DEFAULT, Map.of());

        public Request {
            thresholds = Map.copyOf(thresholds);
        }
    }

    /**
     * @throws FlipsideException {@code output-exists} when there is a repository already, {@code
     *     proposal-pending} when one has been proposed, {@code key-invalid} for a key of a kind
     *     that the settings do not allow, {@code key-missing}
     */
    public static Outcome run(Publisher publisher, Request request)
            throws FlipsideException, IOException {
        try (RepositoryWriter writer = RepositoryWriter.create(publisher, request.settings())) {
            requireNone(writer.files());
            DiskFolder.create(publisher.keys());
            RepositoryKeys.makeMissing(publisher.keys(), request.settings().usualAlgorithm());
            RepositoryKeys keys = RepositoryKeys.read(publisher.keys(), Role.values());
            Seating seating = new Seating();
            for (Map.Entry<KeyName, VerificationKey> key : keys.publicKeys().entrySet()) {
                request.settings().requireAllowed(key.getKey().toString(), key.getValue());
                seating.add(key.getKey().seat(), key.getValue());
            }
            seating.threshold(request.thresholds());
            writer.files()
                    .folder()
                    .replace(RepositorySettings.FILE, Content.of(request.settings().write()));
            return writer.publish(seating.root(1, writer.expiry(Role.ROOT)), keys);
        }
    }

    // The timestamp is written last: without it, an earlier 'init' was cut off, and starts again.
    private static void requireNone(RepositoryFiles files) throws FlipsideException, IOException {
        if (files.isPublished()) {
            throw new FlipsideException(
                    FailureCode.OUTPUT_EXISTS,
                    files.path().toString(),
                    "no repository yet",
                    RepositoryLayout.metadata(Role.TIMESTAMP),
                    "give another folder, or go on with 'repo publish'");
        }
        if (!files.folder().list(Proposal.FOLDER).isEmpty()) {
            throw RepositoryWriter.pending(files);
        }
    }
}
