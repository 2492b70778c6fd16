package dev.flipside.builder.cli;

import dev.flipside.builder.keys.Pkcs7;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.builder.release.BuildRequest;
import dev.flipside.builder.secureboot.EfiSignature;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Options of {@code build} that say what hosts start, and who signs it. */
final class BootOptions {
    private BootOptions() {}

    static List<OptionSpec> specs() {
        return List.of(
                Command.option(
                        "--kernel", "F", Path.class, false, "Instead of the root file system's."),
                SigningOptions.many(
                        "--initrd", "Instead of the root file system's; may be repeated."),
                SigningOptions.many("--microcode", "Goes before the initrds; may be repeated."),
                Command.option(
                        "--esp-size",
                        "SIZE",
                        String.class,
                        false,
                        "Of the hosts' ESP, which must hold two UKIs; 512MiB."),
                SigningOptions.secureBootKey("Signs the UKI."),
                SigningOptions.secureBootCertificate(),
                Command.option(
                        "--verity-key",
                        "KEY",
                        String.class,
                        false,
                        "Signs the root hash, for a partition beside the hash tree."),
                Command.option(
                        "--verity-cert", "F", Path.class, false, "Certificate of --verity-key."),
                Command.option(
                        "--stub", "F", Path.class, false, "systemd-stub, instead of the same."));
    }

    static BuildRequest.BootOverrides overrides(ParseResult options) throws FlipsideException {
        return new BuildRequest.BootOverrides(
                Optional.ofNullable(options.matchedOptionValue("--kernel", null)),
                options.matchedOptionValue("--initrd", List.of()),
                options.matchedOptionValue("--microcode", List.of()),
                Optional.ofNullable(options.matchedOptionValue("--stub", null)),
                espSize(options));
    }

    /** Keys of a kind that firmware or kernel cannot check are refused before anything is built. */
    static BuildRequest.Signatures signatures(ParseResult options, BuildClock clock)
            throws FlipsideException, IOException {
        Optional<SigningIdentity> secureBoot = SigningOptions.secureBoot(options, clock);
        if (secureBoot.isPresent()) {
            EfiSignature.requireRsa(secureBoot.get());
        }
        Optional<SigningIdentity> verity =
                SigningOptions.identity(options, "--verity-key", "--verity-cert", clock);
        if (verity.isPresent()) {
            Pkcs7.requireKindOfKernel(verity.get());
        }
        return new BuildRequest.Signatures(secureBoot, verity);
    }

    private static long espSize(ParseResult options) throws FlipsideException {
        String text = options.matchedOptionValue("--esp-size", null);
        if (text == null) {
            return BuildRequest.BootOverrides.DEFAULT_ESP_SIZE_BYTES;
        }
        return ByteSize.parse(text)
                .orElseThrow(
                        () ->
                                new FlipsideException(
                                        FailureCode.ARGUMENT_INVALID,
                                        "--esp-size",
                                        "a size, as 512MiB",
                                        "'" + text + "'",
                                        "give another value"));
    }
}
