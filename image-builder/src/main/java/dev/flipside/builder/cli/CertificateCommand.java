package dev.flipside.builder.cli;

import dev.flipside.builder.keys.SelfSignedCertificate;
import dev.flipside.builder.keys.SigningKey;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** {@code flipside-image key certificate}: what firmware and kernel know a key by. */
final class CertificateCommand {
    private static final int DEFAULT_DAYS = 3650;
    private static final int MAX_DAYS = 36500;

    private final BuildClock clock;

    private CertificateCommand(BuildClock clock) {
        this.clock = clock;
    }

    static Command command(BuildClock clock) {
        return Command.of(
                "certificate",
                "Makes a certificate that is signed by its own key, for Secure Boot and dm-verity.",
                List.of(
                        Command.option("--key", "KEY", String.class, true, "The key."),
                        Command.option("--name", "TEXT", String.class, true, "Common name."),
                        Command.option(
                                "--days", "N", Integer.class, false, "Until it expires; 3650."),
                        Command.option(
                                "--out", "F", Path.class, true, "The certificate; a new file.")),
                new CertificateCommand(clock)::run);
    }

    private void run(ParseResult options, Console console) throws FlipsideException, IOException {
        int days = options.matchedOptionValue("--days", DEFAULT_DAYS);
        if (days < 1 || days > MAX_DAYS) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    "--days",
                    "a number from 1 to " + MAX_DAYS,
                    "'" + days + "'",
                    "give another value");
        }
        Path out = options.matchedOptionValue("--out", Path.of(""));
        SigningKey key = SigningKey.open(options.matchedOptionValue("--key", ""));
        Instant now = clock.source().instant();
        SelfSignedCertificate certificate =
                SelfSignedCertificate.of(
                        key,
                        options.matchedOptionValue("--name", ""),
                        now,
                        now.plus(Duration.ofDays(days)));
        certificate.write(out);
        console.result(
                StrictJson.object().put("certificate", out.toString()).put("key", key.name()),
                "certificate of " + key.name() + " in " + out);
    }
}
