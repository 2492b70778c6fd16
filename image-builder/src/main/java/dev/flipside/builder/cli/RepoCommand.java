package dev.flipside.builder.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.keys.SigningKey;
import dev.flipside.builder.repo.MetadataRefresh;
import dev.flipside.builder.repo.Publisher;
import dev.flipside.builder.repo.ReleasePublication;
import dev.flipside.builder.repo.RepositoryVerification;
import dev.flipside.builder.repo.RepositoryVerification.Freshness;
import dev.flipside.builder.repo.SysupdateRequest;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/** {@code flipside-image repo}: the signed repository that hosts update from. */
final class RepoCommand {
    private static final String SYSUPDATE = "--sysupdate";
    private static final String SYSUPDATE_URL = "--sysupdate-url";
    private static final String SYSUPDATE_KEY = "--sysupdate-key";

    /** A name that no server ever has (RFC 2606), until somebody gives the right one. */
    private static final String UNKNOWN_URL = "https://repository.invalid";

    private final RepoOptions shared;

    private RepoCommand(RepoOptions shared) {
        this.shared = shared;
    }

    static Command command(BuildClock clock) {
        RepoOptions shared = new RepoOptions(clock);
        RepoCommand repo = new RepoCommand(shared);
        RepoKeyCommands keys = new RepoKeyCommands(shared);
        RepoChannelCommands channels = new RepoChannelCommands(shared);
        return Command.group(
                "repo",
                "Makes and fills a signed repository.",
                List.of(
                        keys.init(),
                        repo.publish(),
                        channels.promote(),
                        channels.withdraw(),
                        channels.floor(),
                        repo.refresh(),
                        keys.rotate(),
                        keys.sign(),
                        keys.importSignature(),
                        keys.discard(),
                        channels.gc(),
                        repo.verify()));
    }

    private Command publish() {
        return Command.of(
                "publish",
                "Adds a release; hosts get it once a channel points to it.",
                List.of(
                        RepoOptions.repository(),
                        RepoOptions.keys(),
                        Command.option("--release", "DIR", Path.class, true, "What 'build' made."),
                        RepoOptions.flag(SYSUPDATE, "Also write what systemd-sysupdate takes."),
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
                        RepoOptions.expiresDays(),
                        RepoOptions.propose()),
                this::publish);
    }

    private void publish(ParseResult options, Console console)
            throws FlipsideException, IOException {
        Publisher publisher = shared.publisher(options);
        Optional<SysupdateRequest> sysupdate = sysupdate(options);
        if (sysupdate.isPresent() && publisher.proposes()) {
            throw Command.invalid(SYSUPDATE, "this option without --propose", "both");
        }
        ReleasePublication.Published published =
                ReleasePublication.run(
                        publisher, options.matchedOptionValue("--release", Path.of("")), sysupdate);
        ReleaseManifest manifest = published.manifest();
        RepoOptions.result(
                console,
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
                                published.newBlobBytes()),
                published.outcome());
    }

    private static Optional<SysupdateRequest> sysupdate(ParseResult options)
            throws FlipsideException, IOException {
        String url = options.matchedOptionValue(SYSUPDATE_URL, UNKNOWN_URL);
        String key = options.matchedOptionValue(SYSUPDATE_KEY, null);
        if (!options.hasMatchedOption(SYSUPDATE)) {
            if (options.hasMatchedOption(SYSUPDATE_URL) || key != null) {
                throw Command.invalid(SYSUPDATE, "this option with its others", "none");
            }
            return Optional.empty();
        }
        if (!url.matches("https?://[!-~&&[^%\"\\\\]]+")) {
            throw Command.invalid(SYSUPDATE_URL, "an http or https address", url);
        }
        return Optional.of(
                new SysupdateRequest(
                        url.replaceAll("/+$", ""),
                        key == null ? Optional.empty() : Optional.of(SigningKey.open(key))));
    }

    private Command refresh() {
        return Command.of(
                "refresh",
                "Signs snapshot and timestamp anew; all that an online key is needed for.",
                List.of(RepoOptions.repository(), RepoOptions.keys(), RepoOptions.expiresDays()),
                (options, console) -> {
                    Freshness fresh = MetadataRefresh.run(shared.publisher(options));
                    console.result(json(fresh), "fresh until " + words(fresh));
                });
    }

    private static ObjectNode json(Freshness fresh) {
        return StrictJson.object()
                .put("freshUntil", fresh.until().toString())
                .put("expiresFirst", fresh.role().code());
    }

    private static String words(Freshness fresh) {
        return "%s, when %s expires".formatted(fresh.until(), fresh.role().code());
    }

    private Command verify() {
        return Command.of(
                "verify",
                "Checks every signature and every byte of a repository.",
                List.of(RepoOptions.repository()),
                (options, console) -> {
                    RepositoryVerification.Report report =
                            RepositoryVerification.run(
                                    RepoOptions.path(options, RepoOptions.REPO),
                                    shared.clock().source());
                    console.result(
                            StrictJson.object()
                                    .put("releases", report.releases())
                                    .put("channels", report.channels())
                                    .put("blobs", report.blobs())
                                    .put("metadataFiles", report.metadataFiles())
                                    .put("unreachedFiles", report.unreachedFiles())
                                    .setAll(json(report.fresh())),
                            "%d releases, %d channels, %d blobs and %d metadata files are right; fresh until %s"
                                    .formatted(
                                            report.releases(),
                                            report.channels(),
                                            report.blobs(),
                                            report.metadataFiles(),
                                            words(report.fresh())));
                });
    }
}
