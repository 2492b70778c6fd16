package dev.flipside.builder.repo;

import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.TrustedMetadata.Roots;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metadata files of all states there were: each one is what one of the roots vouches for. */
record MetadataHistory(RepositoryFiles files) {
    private static final Pattern NAME =
            Pattern.compile("([1-9][0-9]{0,15})\\.(root|targets|snapshot)\\.json");

    /**
     * @return how many files there are
     */
    int verify() throws FlipsideException, IOException {
        List<Roots> roots = files.roots(RepositoryFiles.WHENEVER);
        int count = 0;
        for (String name : files.folder().list("metadata")) {
            Matcher matcher = NAME.matcher(name);
            if (matcher.matches()) {
                verify(Seat.roleOf(matcher.group(2)), Long.parseLong(matcher.group(1)), roots);
                count++;
            } else if (name.equals(Role.TIMESTAMP.fileName())) {
                count++;
            }
        }
        return count;
    }

    private void verify(Role role, long version, List<Roots> roots)
            throws FlipsideException, IOException {
        String path = dev.flipside.repository.RepositoryLayout.metadata(role, version);
        if (role == Role.ROOT) {
            // The chain has been followed from the first to the last.
            if (version > roots.size()) {
                throw files.invalid(path, "a root of the chain", "one after a gap");
            }
            return;
        }
        byte[] content = files.metadataFile(role, version);
        SignedMetadata<?> file =
                role == Role.SNAPSHOT
                        ? SignedMetadata.snapshot(content)
                        : SignedMetadata.targets(content);
        if (file.metadata().version() != version) {
            throw files.invalid(path, "version " + version, "" + file.metadata().version());
        }
        checkSigned(file, roots);
    }

    private void checkSigned(SignedMetadata<?> file, List<Roots> roots) throws FlipsideException {
        Role role = file.metadata().role();
        for (Roots signers : roots.reversed()) {
            try {
                file.checkSignedBy(signers.root(), role, files.settings().algorithms());
                return;
            } catch (FlipsideException e) {
                if (!Draft.isTooFew(e)) {
                    throw e;
                }
            }
        }
        file.checkSignedBy(roots.getLast().root(), role, files.settings().algorithms());
    }
}
