package dev.flipside.builder.cli;

import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Options that name a key and its certificate. */
final class SigningOptions {
    private static final String SECURE_BOOT_KEY = "--secure-boot-key";
    private static final String SECURE_BOOT_CERTIFICATE = "--secure-boot-cert";

    private SigningOptions() {}

    static OptionSpec secureBootKey(String description) {
        return Command.option(SECURE_BOOT_KEY, "KEY", String.class, false, description);
    }

    static OptionSpec secureBootCertificate() {
        return Command.option(
                SECURE_BOOT_CERTIFICATE,
                "F",
                Path.class,
                false,
                "Certificate of " + SECURE_BOOT_KEY + ".");
    }

    /** An option with a path that may be given several times. */
    static OptionSpec many(String name, String description) {
        return OptionSpec.builder(name)
                .paramLabel("F")
                .type(List.class)
                .auxiliaryTypes(Path.class)
                .arity("1")
                .required(false)
                .description(description)
                .build();
    }

    static Optional<SigningIdentity> secureBoot(ParseResult options, BuildClock clock)
            throws FlipsideException, IOException {
        return identity(options, SECURE_BOOT_KEY, SECURE_BOOT_CERTIFICATE, clock);
    }

    /**
     * The key and certificate of two options, of which neither goes without the other.
     *
     * @throws FlipsideException {@code argument-invalid}, and what keys and certificates are
     *     refused for
     */
    static Optional<SigningIdentity> identity(
            ParseResult options, String keyOption, String certificateOption, BuildClock clock)
            throws FlipsideException, IOException {
        String key = options.matchedOptionValue(keyOption, null);
        Path certificate = options.matchedOptionValue(certificateOption, null);
        if (key == null && certificate == null) {
            return Optional.empty();
        }
        if (key == null || certificate == null) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    key == null ? certificateOption : keyOption,
                    keyOption + " together with " + certificateOption,
                    "one of the two",
                    "give both, or neither");
        }
        return Optional.of(SigningIdentity.open(key, certificate, clock.source().instant()));
    }
}
