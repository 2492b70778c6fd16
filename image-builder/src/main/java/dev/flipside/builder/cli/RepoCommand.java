package dev.flipside.builder.cli;

import dev.flipside.builder.keys.SigningKey;
import dev.flipside.builder.repo.ChannelPromotion;
import dev.flipside.builder.repo.Lifetimes;
import dev.flipside.builder.repo.ReleasePublication;
import dev.flipside.builder.repo.RepositoryInit;
import dev.flipside.builder.repo.RepositoryVerification;
import dev.flipside.builder.repo.SysupdateRequest;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.repository.Channel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code flipside-image repo}: the signed repository that hosts update from. */
final class RepoCommand {
    private static final String REPO = "--repo";
    private static final String KEYS = "--keys";
    private static final String SYSUPDATE = "--sysupdate";
    private static final String SYSUPDATE_URL = "--sysupdate-url";
    private static final String SYSUPDATE_KEY = "--sysupdate-key";

    /** A name that no server ever has (RFC 2606), until somebody gives the right one. */
    private static final String UNKNOWN_URL = "https://repository.invalid";

    private static final String EXPIRES_DAYS = "--expires-days";
    private static final String ROOT_EXPIRES_DAYS = "--root-expires-days";

    private final BuildClock clock;

    private RepoCommand(BuildClock clock) {
        this.clock = clock;
    }

    static Command command(BuildClock clock) {
        RepoCommand repo = new RepoCommand(clock);
        return Command.group(
                "repo",
                "Makes and fills a signed repository.",
                List.of(repo.init(), repo.publish(), repo.promote(), repo.verify()));
    }

    private Command init() {
        OptionSpec rootExpiresDays =
                Command.option(
                        ROOT_EXPIRES_DAYS, "N", Integer.class, false, "When root expires; 365.");
        return Command.of(
                "init",
                "Makes an empty repository, and the keys for it that are missing.",
                List.of(repository(), keys(), expiresDays(), rootExpiresDays),
                (options, console) -> {
                    Path root =
                            RepositoryInit.run(
                                    path(options, REPO),
                                    path(options, KEYS),
                                    lifetimes(options),
                                    clock.source());
                    console.result(
                            StrictJson.object().put("root", root.toString()),
                            "repository in "
                                    + path(options, REPO)
                                    + "; images need "
                                    + root
                                    + " as /usr/lib/flipside/root.json");
                });
    }

    private Command publish() {
        return Command.of(
                "publish",
                "Adds a release; hosts get it once a channel points to it.",
                List.of(
                        repository(),
                        keys(),
                        Command.option("--release", "DIR", Path.class, true, "What 'build' made."),
                        flag(SYSUPDATE, "Also write what systemd-sysupdate takes."),
                        Command.option(
                                SYSUPDATE_URL,
                                "URL",
                                String.class,
                                false,
                                "Where hosts reach the repository, for the transfer files."),
                        Command.option(
                                SYSUPDATE_KEY,
                                "KEY",
                                String.class,
                                false,
                                "Signs SHA256SUMS: a PEM file, pkcs11: or exec:."),
                        expiresDays()),
                this::publish);
    }

    private void publish(ParseResult options, Console console)
            throws FlipsideException, IOException {
        ReleasePublication.Published published =
                ReleasePublication.run(
                        path(options, REPO),
                        path(options, KEYS),
                        options.matchedOptionValue("--release", Path.of("")),
                        lifetimes(options),
                        clock.source(),
                        sysupdate(options));
        ReleaseManifest manifest = published.manifest();
        console.result(
                StrictJson.object()
                        .put("product", manifest.product())
                        .put("version", manifest.version())
                        .put("architecture", manifest.architecture().code())
                        .put("manifestSha256", published.manifestSha256())
                        .put("newBlobBytes", published.newBlobBytes()),
                "published %s %s for %s, manifest %s, %d bytes of new blobs"
                        .formatted(
                                manifest.product(),
                                manifest.version(),
                                manifest.architecture().code(),
                                published.manifestSha256(),
                                published.newBlobBytes()));
    }

    private static Optional<SysupdateRequest> sysupdate(ParseResult options)
            throws FlipsideException, IOException {
        String url = options.matchedOptionValue(SYSUPDATE_URL, UNKNOWN_URL);
        String key = options.matchedOptionValue(SYSUPDATE_KEY, null);
        if (!options.hasMatchedOption(SYSUPDATE)) {
            if (options.hasMatchedOption(SYSUPDATE_URL) || key != null) {
                throw invalid(SYSUPDATE, "this option with its others", "none");
            }
            return Optional.empty();
        }
        if (!url.matches("https?://[!-~&&[^%\"\\\\]]+")) {
            throw invalid(SYSUPDATE_URL, "an http or https address", url);
        }
        return Optional.of(
                new SysupdateRequest(
                        url.replaceAll("/+$", ""),
                        key == null ? Optional.empty() : Optional.of(SigningKey.open(key))));
    }

    private static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name).type(boolean.class).description(description).build();
    }

    private Command promote() {
        return Command.of(
                "promote",
                "Points a channel to a published release.",
                List.of(
                        repository(),
                        keys(),
                        Command.option(
                                "--product",
                                "NAME",
                                String.class,
                                false,
                                "Where several products have this version."),
                        Command.option(
                                "--arch",
                                architectures(),
                                String.class,
                                false,
                                "Where several architectures have this version."),
                        Command.option(
                                "--channel", "NAME", String.class, true, "As hosts name it."),
                        Command.option(
                                "--version", "V", String.class, true, "Version of the release."),
                        expiresDays()),
                this::promote);
    }

    private void promote(ParseResult options, Console console)
            throws FlipsideException, IOException {
        ChannelPromotion.Request request =
                new ChannelPromotion.Request(
                        Optional.ofNullable(options.matchedOptionValue("--product", null)),
                        architecture(options),
                        options.matchedOptionValue("--channel", ""),
                        options.matchedOptionValue("--version", ""));
        Channel channel =
                ChannelPromotion.run(
                        path(options, REPO),
                        path(options, KEYS),
                        request,
                        lifetimes(options),
                        clock.source());
        console.result(
                StrictJson.object()
                        .put("product", channel.product())
                        .put("architecture", channel.architecture().code())
                        .put("channel", channel.name())
                        .put("version", channel.release().version())
                        .put("manifestSha256", channel.release().manifestSha256()),
                "channel %s of %s for %s points to %s"
                        .formatted(
                                channel.name(),
                                channel.product(),
                                channel.architecture().code(),
                                channel.release().version()));
    }

    private Command verify() {
        return Command.of(
                "verify",
                "Checks every signature and every byte of a repository.",
                List.of(repository()),
                (options, console) -> {
                    RepositoryVerification.Report report =
                            RepositoryVerification.run(path(options, REPO), clock.source());
                    console.result(
                            StrictJson.object()
                                    .put("releases", report.releases())
                                    .put("channels", report.channels())
                                    .put("blobs", report.blobs())
                                    .put("freshUntil", report.freshUntil().toString()),
                            "%d releases, %d channels and %d blobs are right; fresh until %s"
                                    .formatted(
                                            report.releases(),
                                            report.channels(),
                                            report.blobs(),
                                            report.freshUntil()));
                });
    }

    private static OptionSpec repository() {
        return Command.option(REPO, "DIR", Path.class, true, "The repository.");
    }

    private static OptionSpec keys() {
        return Command.option(
                KEYS, "DIR", Path.class, true, "Folder with ROLE-N.key.pem and ROLE-N.pub.pem.");
    }

    private static OptionSpec expiresDays() {
        return Command.option(
                EXPIRES_DAYS,
                "N",
                Integer.class,
                false,
                "When targets, snapshot and timestamp expire; 90, 30 and 7.");
    }

    private static Path path(ParseResult options, String option) {
        return options.matchedOptionValue(option, Path.of(""));
    }

    private static Lifetimes lifetimes(ParseResult options) throws FlipsideException {
        Lifetimes standard = Lifetimes.DEFAULT;
        int rootDays =
                options.commandSpec().findOption(ROOT_EXPIRES_DAYS) == null
                        ? standard.rootDays()
                        : days(options, ROOT_EXPIRES_DAYS, standard.rootDays());
        return new Lifetimes(
                rootDays,
                days(options, EXPIRES_DAYS, standard.targetsDays()),
                days(options, EXPIRES_DAYS, standard.snapshotDays()),
                days(options, EXPIRES_DAYS, standard.timestampDays()));
    }

    private static int days(ParseResult options, String name, int otherwise)
            throws FlipsideException {
        int days = options.matchedOptionValue(name, otherwise);
        if (days < 1 || days > Lifetimes.MAX_DAYS) {
            throw invalid(name, "a number from 1 to " + Lifetimes.MAX_DAYS, Integer.toString(days));
        }
        return days;
    }

    private static Optional<Architecture> architecture(ParseResult options)
            throws FlipsideException {
        String code = options.matchedOptionValue("--arch", null);
        if (code == null) {
            return Optional.empty();
        }
        for (Architecture architecture : Architecture.values()) {
            if (architecture.code().equals(code)) {
                return Optional.of(architecture);
            }
        }
        throw invalid("--arch", architectures(), code);
    }

    private static String architectures() {
        return Arrays.stream(Architecture.values())
                .map(Architecture::code)
                .collect(Collectors.joining("|"));
    }

    private static FlipsideException invalid(String what, String expected, String found) {
        return new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                what,
                expected,
                "'" + found + "'",
                "give another value");
    }
}
