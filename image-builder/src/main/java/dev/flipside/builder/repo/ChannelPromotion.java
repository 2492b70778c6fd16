package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.release.Names;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.repository.Channel;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TrustedMetadata.Complete;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code repo promote}: a channel points to a published release from now on. */
public final class ChannelPromotion {
    private ChannelPromotion() {}

    /**
     * What to point where.
     *
     * @param product empty when only one product of the repository has this version
     * @param architecture empty when the version exists for one architecture only
     */
    public record Request(
            Optional<String> product,
            Optional<Architecture> architecture,
            String channel,
            String version) {}

    /**
     * @return the channel as it is now
     * @throws FlipsideException {@code input-missing} when the release has not been published,
     *     {@code argument-invalid} when several have this version, or the channel's rules exclude
     *     it
     */
    public static Channel run(
            Path repository,
            Path keyFolder,
            Request request,
            Lifetimes lifetimes,
            InstantSource clock)
            throws FlipsideException, IOException {
        Names.require("channel", request.channel());
        try (RepositoryWriter writer = RepositoryWriter.open(repository, clock, lifetimes)) {
            RepositoryKeys keys =
                    RepositoryKeys.read(keyFolder, Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
            Complete current = writer.current();
            ReleaseTarget found = find(current, request, repository);
            byte[] file = writer.files().target(found.target());
            ReleaseManifest manifest = ReleaseManifestJson.parse(file);
            Channel.Pointer pointer = ReleasePublication.pointer(manifest, file);
            String path =
                    RepositoryLayout.channel(
                            found.product(), found.architecture(), request.channel());
            Optional<Target> before = current.targets().target(path);
            Channel channel =
                    before.isEmpty()
                            ? Channel.pointingTo(
                                    found.product(),
                                    found.architecture(),
                                    request.channel(),
                                    pointer)
                            : Channel.parse(writer.files().target(before.get()))
                                    .withRelease(pointer);
            requireAllowed(channel, manifest);
            writer.publish(current, keys, path, channel.write());
            return channel;
        }
    }

    private static ReleaseTarget find(Complete current, Request request, Path repository)
            throws FlipsideException {
        List<ReleaseTarget> releases = ReleaseTarget.of(current.targets());
        List<ReleaseTarget> found =
                releases.stream()
                        .filter(release -> release.version().equals(request.version()))
                        .filter(
                                release ->
                                        request.product()
                                                .map(release.product()::equals)
                                                .orElse(true))
                        .filter(
                                release ->
                                        request.architecture()
                                                .map(wanted -> wanted == release.architecture())
                                                .orElse(true))
                        .toList();
        if (found.size() == 1) {
            return found.getFirst();
        }
        if (found.isEmpty()) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    repository + ": release " + request.version(),
                    "a published release",
                    releases.isEmpty() ? "none at all" : "only " + describe(releases),
                    "publish it first, or give another version");
        }
        throw new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                repository + ": release " + request.version(),
                "one release of this version",
                describe(found),
                "say which one with --product and --arch");
    }

    private static String describe(List<ReleaseTarget> releases) {
        return releases.stream()
                .map(
                        release ->
                                release.product()
                                        + " "
                                        + release.version()
                                        + " for "
                                        + release.architecture().code())
                .collect(Collectors.joining(", "));
    }

    // Hosts would refuse it anyway; here someone can still do something about it.
    private static void requireAllowed(Channel channel, ReleaseManifest manifest)
            throws FlipsideException {
        String what = "channel " + channel.name() + ": release " + manifest.version();
        if (manifest.securityVersion() < channel.securityFloor()) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    what,
                    "a security version of at least " + channel.securityFloor(),
                    Integer.toString(manifest.securityVersion()),
                    "promote a release that is above the channel's security floor");
        }
        if (channel.withdrawn().contains(channel.release())) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    what,
                    "a release that is not withdrawn",
                    "one that the channel has withdrawn",
                    "promote another release");
        }
    }
}
