package dev.flipside.builder.repo;

import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.repository.Channel;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The channels among the targets of a repository. */
record ChannelFiles(TargetChanges targets) {

    /** Those that are meant, in the order of their paths. */
    List<Channel> all(Choice choice) throws FlipsideException, IOException {
        List<Channel> channels = new ArrayList<>();
        for (Target target : targets.targets().values()) {
            if (RepositoryLayout.isChannel(target.path())) {
                Channel channel = Channel.parse(targets.read(target));
                if (choice.is(channel.product(), channel.architecture(), channel.name())) {
                    channels.add(channel);
                }
            }
        }
        return channels;
    }

    Optional<Channel> find(String product, Architecture architecture, String name)
            throws FlipsideException, IOException {
        Optional<Target> target =
                targets.target(RepositoryLayout.channel(product, architecture, name));
        return target.isEmpty()
                ? Optional.empty()
                : Optional.of(Channel.parse(targets.read(target.get())));
    }

    void put(Channel channel) {
        targets.put(
                RepositoryLayout.channel(channel.product(), channel.architecture(), channel.name()),
                channel.write());
    }
}
