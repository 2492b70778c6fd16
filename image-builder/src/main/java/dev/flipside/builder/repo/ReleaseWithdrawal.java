package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.repository.Channel;
import dev.flipside.repository.Channel.Pointer;
import dev.flipside.tuf.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code repo withdraw}: hosts refuse a release from now on, and those that run it leave it as
 * their policy says. In one publication with what they are to run instead.
 */
public final class ReleaseWithdrawal {
    private ReleaseWithdrawal() {}

    /**
     * What goes.
     *
     * @param instead where channels point that point to it
     */
    public record Request(Choice choice, String version, Optional<String> instead) {}

    /** The channels that have changed. */
    public record Withdrawn(List<Channel> channels, Outcome outcome) {
        public Withdrawn {
            channels = List.copyOf(channels);
        }

        /** Those that still point to what was withdrawn: their hosts stay where they are. */
        public List<Channel> leftBehind() {
            return channels.stream()
                    .filter(channel -> channel.withdrawn().contains(channel.release()))
                    .toList();
        }
    }

    /**
     * @throws FlipsideException {@code input-missing} when there is no such release or channel,
     *     {@code argument-invalid} when several have this version, or the one that is to come
     *     instead is not allowed
     */
    public static Withdrawn run(Publisher publisher, Request request)
            throws FlipsideException, IOException {
        try (RepositoryWriter writer = RepositoryWriter.open(publisher)) {
            RepositoryKeys keys =
                    RepositoryKeys.read(
                            publisher.keys(), Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
            TargetChanges changes = writer.changes();
            ReleaseTarget gone =
                    ReleaseTarget.find(
                            changes, request.choice(), request.version(), publisher.repository());
            Choice where =
                    new Choice(
                            Optional.of(gone.product()),
                            Optional.of(gone.architecture()),
                            request.choice().channel());
            ChannelFiles channels = new ChannelFiles(changes);
            List<Channel> changed = new ArrayList<>();
            for (Channel channel : channels.all(where)) {
                Channel next = without(changes, channel, gone, request, publisher);
                channels.put(next);
                changed.add(next);
            }
            if (changed.isEmpty()) {
                throw noChannel(publisher, where);
            }
            return new Withdrawn(changed, writer.publish(changes, keys));
        }
    }

    private static Channel without(
            TargetChanges changes,
            Channel channel,
            ReleaseTarget gone,
            Request request,
            Publisher publisher)
            throws FlipsideException, IOException {
        byte[] file = changes.read(gone.target());
        Pointer pointer = ReleasePublication.pointer(ReleaseManifestJson.parse(file), file);
        Channel next = channel.withWithdrawn(pointer);
        if (request.instead().isEmpty() || !channel.release().equals(pointer)) {
            return next;
        }
        ReleaseTarget instead =
                ReleaseTarget.find(
                        changes,
                        new Choice(
                                Optional.of(gone.product()),
                                Optional.of(gone.architecture()),
                                Optional.empty()),
                        request.instead().get(),
                        publisher.repository());
        byte[] insteadFile = changes.read(instead.target());
        ReleaseManifest manifest = ReleaseManifestJson.parse(insteadFile);
        // Who has to leave a release must not wait for a wave.
        next =
                next.withRelease(ReleasePublication.pointer(manifest, insteadFile))
                        .withWaves(List.of());
        ChannelPromotion.requireAllowed(next, manifest);
        return next;
    }

    static FlipsideException noChannel(Publisher publisher, Choice choice) {
        return new FlipsideException(
                FailureCode.INPUT_MISSING,
                publisher.repository().toString(),
                "a channel"
                        + choice.channel().map(name -> " '" + name + "'").orElse("")
                        + choice.product().map(name -> " of " + name).orElse(""),
                "none",
                "make one with 'repo promote', or give another name");
    }
}
