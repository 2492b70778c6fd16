package dev.flipside.builder.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.builder.inspect.DiskImage;
import dev.flipside.builder.inspect.Subject;
import dev.flipside.builder.inspect.TextTable;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.builder.verify.Check;
import dev.flipside.builder.verify.DiskVerification;
import dev.flipside.builder.verify.ReleaseVerification;
import dev.flipside.builder.verify.TrustedCertificates;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/** {@code flipside-image verify}: every digest, signature and block of a release or a disk. */
final class VerifyCommand {
    private static final String SECURE_BOOT = "--secure-boot-cert";
    private static final String VERITY = "--verity-cert";

    private VerifyCommand() {}

    static Command command() {
        return Command.of(
                "verify",
                "Checks every digest, every signature and every block of a release or a disk.",
                List.of(
                        InspectCommand.path(
                                0, "PATH", "A release folder, or a disk (raw or fixed VHD)."),
                        Command.option(
                                SECURE_BOOT,
                                "F",
                                Path.class,
                                false,
                                "Certificate whose key must have signed UKIs and loaders."),
                        Command.option(
                                VERITY,
                                "F",
                                Path.class,
                                false,
                                "Certificate whose key must have signed the root hash.")),
                VerifyCommand::run);
    }

    private static void run(ParseResult options, Console console)
            throws FlipsideException, IOException {
        Path path = options.matchedPositionalValue(0, null);
        int[] passed = new int[1];
        Optional<Failure> failure = verify(path, certificates(options), console, passed);
        if (failure.isPresent()) {
            throw new FlipsideException(failure.get());
        }
        console.result(
                StrictJson.object().put("path", path.toString()).put("passed", passed[0]),
                "%s: all %d checks passed".formatted(path, passed[0]));
    }

    private static TrustedCertificates certificates(ParseResult options)
            throws FlipsideException, IOException {
        return new TrustedCertificates(
                certificate(options.matchedOptionValue(SECURE_BOOT, null)),
                certificate(options.matchedOptionValue(VERITY, null)));
    }

    private static Optional<X509Certificate> certificate(Path file)
            throws FlipsideException, IOException {
        return file == null
                ? Optional.empty()
                : Optional.of(SigningIdentity.certificateOfAnyTime(file));
    }

    private static Optional<Failure> verify(
            Path path, TrustedCertificates certificates, Console console, int[] passed)
            throws FlipsideException, IOException {
        return switch (Subject.of(path)) {
            case RELEASE ->
                    ReleaseVerification.run(
                            ReleaseFolder.open(path),
                            certificates,
                            console::progress,
                            check -> tell(console, check, passed));
            case DISK -> {
                try (DiskImage disk = DiskImage.open(path)) {
                    yield DiskVerification.run(
                            disk,
                            certificates,
                            console::progress,
                            check -> tell(console, check, passed));
                }
            }
            case UKI ->
                    throw new FlipsideException(
                            FailureCode.ARGUMENT_INVALID,
                            "'%s'".formatted(path),
                            "a release folder or a disk",
                            "a UKI",
                            "give the folder that it belongs to");
        };
    }

    private static void tell(Console console, Check check, int[] passed) {
        passed[0] += check instanceof Check.Passed ? 1 : 0;
        if (console.json()) {
            console.event("check", json(check));
            return;
        }
        String line =
                switch (check) {
                    case Check.Passed(String name, String detail) ->
                            "ok      %s: %s".formatted(name, detail);
                    case Check.Failed(String name, Failure failure) ->
                            "FAILED  %s: %s".formatted(name, failure.line());
                    case Check.NotChecked(String name, String why) ->
                            "-       %s: not checked: %s".formatted(name, why);
                };
        console.out().println(TextTable.printable(line));
        console.out().flush();
    }

    private static ObjectNode json(Check check) {
        ObjectNode object = StrictJson.object().put("name", check.name());
        return switch (check) {
            case Check.Passed passed ->
                    object.put("outcome", "passed").put("detail", passed.detail());
            case Check.Failed failed ->
                    object.put("outcome", "failed")
                            .put("code", failed.failure().code().code())
                            .put("detail", failed.failure().line());
            case Check.NotChecked not ->
                    object.put("outcome", "not-checked").put("detail", not.why());
        };
    }
}
