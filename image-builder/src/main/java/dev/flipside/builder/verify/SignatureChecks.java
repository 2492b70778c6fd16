package dev.flipside.builder.verify;

import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.builder.inspect.UkiFacts;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;

/** Says which signatures a release has, and how to check them: that is not done here yet. */
final class SignatureChecks {
    private final ReleaseFolder release;
    private final Checks checks;

    SignatureChecks(ReleaseFolder release, Checks checks) {
        this.release = release;
        this.checks = checks;
    }

    void run(RandomAccess uki) throws IOException, FlipsideException {
        if (release.manifest().artifact(Artifact.Role.SIGNATURE).isPresent()) {
            checks.notChecked("signature of the root hash", "check it with 'openssl cms -verify'");
        }
        if (UkiFacts.read(uki).signed()) {
            checks.notChecked("Secure Boot signature", "check it with 'sbverify --cert'");
        }
    }
}
