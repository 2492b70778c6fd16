package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.repository.Channel;
import dev.flipside.repository.Channel.Pointer;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code repo floor}: the lowest security version that hosts may go to; it only ever rises. */
public final class FloorRaise {
    private FloorRaise() {}

    /** The channels as they are now. */
    public record Raised(List<Channel> channels, Outcome outcome) {
        public Raised {
            channels = List.copyOf(channels);
        }
    }

    /**
     * @throws FlipsideException {@code argument-invalid} when a channel has a higher floor, or
     *     points to a release, or over a stepping stone, that is below this one; {@code
     *     input-missing} without a channel
     */
    public static Raised run(Publisher publisher, Choice choice, int floor)
            throws FlipsideException, IOException {
        try (RepositoryWriter writer = RepositoryWriter.open(publisher)) {
            RepositoryKeys keys =
                    RepositoryKeys.read(
                            publisher.keys(), Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
            TargetChanges changes = writer.changes();
            ChannelFiles channels = new ChannelFiles(changes);
            List<Channel> raised = new ArrayList<>();
            for (Channel channel : channels.all(choice)) {
                requireAllowed(changes, channel, floor);
                Channel next = channel.withSecurityFloor(floor);
                channels.put(next);
                raised.add(next);
            }
            if (raised.isEmpty()) {
                throw ReleaseWithdrawal.noChannel(publisher, choice);
            }
            return new Raised(raised, writer.publish(changes, keys));
        }
    }

    private static void requireAllowed(TargetChanges changes, Channel channel, int floor)
            throws FlipsideException, IOException {
        if (floor < channel.securityFloor()) {
            throw refused(
                    channel,
                    "a floor of at least " + channel.securityFloor(),
                    Integer.toString(floor),
                    "nothing: hosts never lower a floor");
        }
        List<Pointer> needed = new ArrayList<>(channel.steppingStones());
        needed.add(channel.release());
        for (Pointer pointer : needed) {
            ReleaseManifest manifest = manifest(changes, channel, pointer);
            if (manifest.securityVersion() < floor) {
                throw refused(
                        channel,
                        "releases with security version " + floor + " or higher",
                        pointer.version() + " with " + manifest.securityVersion(),
                        channel.release().equals(pointer)
                                ? "promote a newer release first"
                                : "withdraw this stepping stone first");
            }
        }
    }

    private static ReleaseManifest manifest(TargetChanges changes, Channel channel, Pointer pointer)
            throws FlipsideException, IOException {
        Optional<Target> target =
                changes.target(
                        RepositoryLayout.release(
                                channel.product(), channel.architecture(), pointer.version()));
        if (target.isEmpty()) {
            throw refused(
                    channel, "release " + pointer.version(), "none", "publish the release again");
        }
        return ReleaseManifestJson.parse(changes.read(target.get()));
    }

    private static FlipsideException refused(
            Channel channel, String expected, String found, String action) {
        return new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                "channel " + channel.name() + " of " + channel.product(),
                expected,
                found,
                action);
    }
}
