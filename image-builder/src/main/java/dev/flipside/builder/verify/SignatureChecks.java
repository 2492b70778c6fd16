package dev.flipside.builder.verify;

import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.builder.inspect.UkiFacts;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;

/** Reports the signatures of a release. */
final class SignatureChecks {
    private final ReleaseFolder release;
    private final Checks checks;

    SignatureChecks(ReleaseFolder release, Checks checks) {
        this.release = release;
        this.checks = checks;
    }

    void run(RandomAccess uki) throws IOException, FlipsideException {
        if (release.manifest().artifact(Artifact.Role.SIGNATURE).isPresent()) {
            checks.notChecked("signature of the root hash", "give --verity-cert");
        }
        if (UkiFacts.read(uki).signed()) {
            checks.notChecked("Secure Boot signature", "give --secure-boot-cert");
        }
    }
}
