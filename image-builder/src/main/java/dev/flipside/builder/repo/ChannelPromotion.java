package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Names;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.repository.Channel;
import dev.flipside.repository.Channel.Wave;
import dev.flipside.tuf.Role;
import java.io.IOException;
import java.util.List;

/** {@code repo promote}: a channel points to a published release from now on. */
public final class ChannelPromotion {
    private ChannelPromotion() {}

    /**
     * What to point where.
     *
     * @param choice product and architecture, where several have this version
     * @param waves who gets it when; empty: everyone, now
     * @param steppingStone whether no host may skip it from now on
     */
    public record Request(
            Choice choice,
            String channel,
            String version,
            List<Wave> waves,
            boolean steppingStone) {
        public Request {
            waves = List.copyOf(waves);
        }

        /** For everyone, now. */
        public Request(String channel, String version) {
            this(Choice.ANY, channel, version, List.of(), false);
        }
    }

    /** The channel as it is, or will be once all have signed. */
    public record Promoted(Channel channel, Outcome outcome) {}

    /**
     * @throws FlipsideException {@code input-missing} when the release has not been published,
     *     {@code argument-invalid} when several have this version, or the channel's rules exclude
     *     it
     */
    public static Promoted run(Publisher publisher, Request request)
            throws FlipsideException, IOException {
        Names.require("channel", request.channel());
        try (RepositoryWriter writer = RepositoryWriter.open(publisher)) {
            RepositoryKeys keys =
                    RepositoryKeys.read(
                            publisher.keys(), Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
            TargetChanges changes = writer.changes();
            Channel channel = promoted(changes, request, publisher);
            new ChannelFiles(changes).put(channel);
            return new Promoted(channel, writer.publish(changes, keys));
        }
    }

    private static Channel promoted(TargetChanges changes, Request request, Publisher publisher)
            throws FlipsideException, IOException {
        ReleaseTarget found =
                ReleaseTarget.find(
                        changes, request.choice(), request.version(), publisher.repository());
        byte[] file = changes.read(found.target());
        ReleaseManifest manifest = ReleaseManifestJson.parse(file);
        Channel.Pointer pointer = ReleasePublication.pointer(manifest, file);
        Channel channel =
                new ChannelFiles(changes)
                        .find(found.product(), found.architecture(), request.channel())
                        .map(before -> before.withRelease(pointer))
                        .orElseGet(
                                () ->
                                        Channel.pointingTo(
                                                found.product(),
                                                found.architecture(),
                                                request.channel(),
                                                pointer))
                        .withWaves(request.waves());
        requireAllowed(channel, manifest);
        return request.steppingStone() ? channel.withSteppingStone(pointer) : channel;
    }

    // Hosts would refuse it anyway; here someone can still do something about it.
    static void requireAllowed(Channel channel, ReleaseManifest manifest) throws FlipsideException {
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
